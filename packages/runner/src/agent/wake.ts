import { Pace, watchDirectory } from '@agentteam/volume';

/**
 * One bell for everything that an agent's runner waits for: mail, other agents' ends, a stop marker,
 * its own agent's turns. Whoever hears it looks at all of them; rings while nobody waits are one.
 */
export class Wake {
  #rung = false;
  #hear: () => void = () => {};
  #timer: NodeJS.Timeout | undefined;
  readonly #pace: Pace = new Pace();

  readonly ring = (): void => {
    this.#rung = true;
    this.#hear();
  };

  /** Rings whenever something may have changed in these directories, until the signal aborts. */
  watch(directories: readonly string[], signal: AbortSignal): void {
    for (const directory of directories) void this.#follow(directory, signal);
    signal.addEventListener('abort', this.ring, { once: true });
  }

  /** Rings once, after so long; instead of the ring that an earlier call asked for. */
  after(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.ring, ms);
    this.#timer.unref();
  }

  async #follow(directory: string, signal: AbortSignal): Promise<void> {
    for await (const _ of watchDirectory(directory, { signal })) this.ring();
  }

  /** Waits for a ring; in a flood of them also for a rest from what was done at the last one. */
  async next(signal: AbortSignal): Promise<void> {
    this.#pace.end();
    if (!this.#rung) {
      await new Promise<void>((resolve) => {
        this.#hear = resolve;
      });
    }
    await this.#pace.rest(signal);
    this.#pace.begin();
    this.#rung = false;
  }
}
