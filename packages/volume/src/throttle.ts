import { setTimeout as delay } from 'node:timers/promises';

/** Changes with less time than this between them are part of a flood. */
const GAP_MS = 20;
/** The number of changes in a flood that are handled without a delay: a busy team makes so many at once. */
const BURST = 10;
const MAX_PAUSE_MS = 1_000;

/**
 * Slows down a reader that reads again at each change, so that reading does not take all of its time. In a
 * flood of changes it pauses between two reads for as long as a read takes. A single change is read at once.
 */
export class Throttle {
  #begunAt = 0;
  #endedAt = Number.NEGATIVE_INFINITY;
  #pausedMs = 0;
  #inFlood = 0;

  /** Call before each read. */
  begin(): void {
    this.#begunAt = performance.now();
    const idleMs = this.#begunAt - this.#endedAt - this.#pausedMs;
    this.#inFlood = idleMs < GAP_MS ? this.#inFlood + 1 : 0;
  }

  /** Call after each read. */
  end(): void {
    this.#endedAt = performance.now();
  }

  /** Resolves when the next read may begin: immediately without a flood, or when the signal aborts. */
  async pause(signal: AbortSignal): Promise<void> {
    this.#pausedMs = 0;
    if (this.#inFlood < BURST) return;
    const readMs = this.#endedAt - this.#begunAt;
    const pauseMs = Math.min(MAX_PAUSE_MS, Math.max(GAP_MS / 2, readMs));
    const remaining = this.#endedAt + pauseMs - performance.now();
    if (remaining <= 0) return;
    await delay(remaining, undefined, { signal }).catch(() => {});
    this.#pausedMs = remaining;
  }
}
