import type { Caller } from '../caller.ts';

/** Open event streams of all people, and of one of them. A browser opens one for each tab. */
const MOST = 512;
const MOST_OF_ONE = 16;

/** Limits the event streams. Each of them reads the cluster again and again with its caller's rights. */
export class Streams {
  #all = 0;
  /** By the name of the person, who may have several sessions. */
  readonly #byUser = new Map<string, number>();

  /** Counts a stream. @returns what to call when it has ended; undefined when there are too many. */
  take({ session: { user = '' } }: Caller): (() => void) | undefined {
    const own = this.#byUser.get(user) ?? 0;
    if (own >= MOST_OF_ONE || this.#all >= MOST) return undefined;
    this.#change(user, 1);
    return () => this.#change(user, -1);
  }

  #change(user: string, by: 1 | -1): void {
    this.#all += by;
    const own = (this.#byUser.get(user) ?? 0) + by;
    if (own === 0) this.#byUser.delete(user);
    else this.#byUser.set(user, own);
  }
}
