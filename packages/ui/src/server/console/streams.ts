import type { Caller } from '../caller.ts';

/** Open event streams of all people, and of one of them. A browser opens one for each tab. */
const MOST = 512;
const MOST_OF_ONE = 16;

/** Limits the event streams. Each of them reads the cluster again and again with its caller's rights. */
export class Streams {
  #all = 0;
  readonly #byCaller = new WeakMap<Caller, number>();

  /** Counts a stream. @returns what to call when it has ended; undefined when there are too many. */
  take(caller: Caller): (() => void) | undefined {
    const own = this.#byCaller.get(caller) ?? 0;
    if (own >= MOST_OF_ONE || this.#all >= MOST) return undefined;
    this.#change(caller, 1);
    return () => this.#change(caller, -1);
  }

  #change(caller: Caller, by: 1 | -1): void {
    this.#all += by;
    this.#byCaller.set(caller, (this.#byCaller.get(caller) ?? 0) + by);
  }
}
