import { setTimeout as delay } from 'node:timers/promises';

/** Times that come closer together than this are a flood. */
const CLOSE_MS = 20;
/** Looks in a flood that are not slowed down: a team at work makes so many at once. */
const FREE = 10;
/** The longest rest. */
const MOST_MS = 1_000;

/**
 * Keeps whoever looks again at each change from doing nothing else: while changes come without end,
 * it rests between two looks for as long as a look takes. A change that comes alone is seen at once.
 */
export class Pace {
  #begun = 0;
  #ended = Number.NEGATIVE_INFINITY;
  #rested = 0;
  #inFlood = 0;

  begin(): void {
    this.#begun = performance.now();
    const idle = this.#begun - this.#ended - this.#rested;
    this.#inFlood = idle < CLOSE_MS ? this.#inFlood + 1 : 0;
  }

  end(): void {
    this.#ended = performance.now();
  }

  /** Resolves when it is time for the next look; at once where there is no flood, or on abort. */
  async rest(signal: AbortSignal): Promise<void> {
    this.#rested = 0;
    if (this.#inFlood < FREE) return;
    const took = this.#ended - this.#begun;
    const pause = Math.min(MOST_MS, Math.max(CLOSE_MS / 2, took));
    const left = this.#ended + pause - performance.now();
    if (left <= 0) return;
    await delay(left, undefined, { signal }).catch(() => {});
    this.#rested = left;
  }
}
