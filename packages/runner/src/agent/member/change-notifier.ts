import { Throttle, watchDirectory } from '@agentteam/volume';

/**
 * Notifies an agent's runner when something it waits for may have changed: mail, other agents' states, a
 * stop marker, or its own agent. The receiver checks all of them; notifications that come before it waits
 * again are one.
 */
export class ChangeNotifier {
  #isPending = false;
  #resolve: () => void = () => {};
  #timer: NodeJS.Timeout | undefined;
  readonly #throttle = new Throttle();

  readonly notify = (): void => {
    this.#isPending = true;
    this.#resolve();
  };

  /** Notifies on every change in these directories, until the signal aborts, and when it aborts. */
  watch(directories: readonly string[], signal: AbortSignal): void {
    for (const directory of directories) void this.#follow(directory, signal);
    signal.addEventListener('abort', this.notify, { once: true });
  }

  /** Notifies once after a delay, and replaces the delay of an earlier call. */
  notifyAfter(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.notify, ms);
    this.#timer.unref();
  }

  async #follow(directory: string, signal: AbortSignal): Promise<void> {
    for await (const _ of watchDirectory(directory, { signal })) this.notify();
  }

  /** Waits for the next notification. If they come without a pause, it also slows the receiver down. */
  async next(signal: AbortSignal): Promise<void> {
    this.#throttle.end();
    if (!this.#isPending) {
      await new Promise<void>((resolve) => {
        this.#resolve = resolve;
      });
    }
    await this.#throttle.pause(signal);
    this.#throttle.begin();
    this.#isPending = false;
  }
}
