import { watchDirectory } from '@agentteam/volume';

/**
 * One bell for everything that an agent's runner waits for: mail, other agents' ends, a stop marker,
 * its own agent's turns. Whoever hears it looks at all of them; rings while nobody waits are one.
 */
export class Wake {
  #rung = false;
  #hear: () => void = () => {};

  readonly ring = (): void => {
    this.#rung = true;
    this.#hear();
  };

  /** Rings whenever something may have changed in these directories, until the signal aborts. */
  watch(directories: readonly string[], signal: AbortSignal): void {
    for (const directory of directories) void this.#follow(directory, signal);
    signal.addEventListener('abort', this.ring, { once: true });
  }

  async #follow(directory: string, signal: AbortSignal): Promise<void> {
    for await (const _ of watchDirectory(directory, { signal })) this.ring();
  }

  async next(): Promise<void> {
    if (!this.#rung) {
      await new Promise<void>((resolve) => {
        this.#hear = resolve;
      });
    }
    this.#rung = false;
  }
}
