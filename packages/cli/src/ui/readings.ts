import pLimit, { type LimitFunction } from 'p-limit';

/** Readings of teams for one person at a time. Each takes memory, and the requests of the next one wait. */
const MOST_AT_ONCE = 2;
/** People whose readings are limited together; more than have sessions. */
const MOST_PEOPLE = 2048;

/** Limits what the page reads for one person at a time, in all of their sessions. */
export class Readings {
  readonly #limits: Map<string, LimitFunction> = new Map();

  /** @param user name of the person. */
  of(user: string): LimitFunction {
    const limit = this.#limits.get(user) ?? pLimit(MOST_AT_ONCE);
    this.#limits.delete(user);
    this.#limits.set(user, limit);
    const oldest = this.#limits.keys().next().value;
    if (this.#limits.size > MOST_PEOPLE && oldest !== undefined) this.#limits.delete(oldest);
    return limit;
  }
}
