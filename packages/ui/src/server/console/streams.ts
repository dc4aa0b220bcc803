import type { Caller } from '../caller.ts';
import { personOf } from './person-of.ts';

/** Open event streams of all people, and of one of them. A browser opens one for each tab. */
const MOST = 512;
const MOST_OF_ONE = 16;

/** Limits the event streams. Each of them reads the cluster again and again with its caller's rights. */
export class Streams {
  #all = 0;
  /** By the name of the user, who may have several sessions, and by that of the person: see {@link personOf}. */
  readonly #byName = new Map<string, number>();

  /** Counts a stream. @returns what to call when it has ended; undefined when there are too many. */
  take({ session: { user = '' } }: Caller): (() => void) | undefined {
    const { name, people } = personOf(user);
    const names = [...new Set([user, name])];
    const isFull =
      (this.#byName.get(user) ?? 0) >= MOST_OF_ONE ||
      (this.#byName.get(name) ?? 0) >= MOST_OF_ONE * people;
    if (isFull || this.#all >= MOST) return undefined;
    this.#change(names, 1);
    return () => this.#change(names, -1);
  }

  #change(names: readonly string[], by: 1 | -1): void {
    this.#all += by;
    for (const name of names) {
      const own = (this.#byName.get(name) ?? 0) + by;
      if (own === 0) this.#byName.delete(name);
      else this.#byName.set(name, own);
    }
  }
}
