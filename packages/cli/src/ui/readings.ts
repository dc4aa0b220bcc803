import { personOf } from '@agentteam/ui';
import pLimit, { type LimitFunction } from 'p-limit';
import { type ViewLimits, ViewRegistry } from '../teams/cluster/files/view-limits.ts';

/** Lists, and details of teams, that are read for one person at a time. Each takes memory; others wait. */
const LISTS_AT_ONCE = 2;
const DETAILS_AT_ONCE = 3;
/** As how many people those count who are limited together. Eight would take too much memory. */
const MOST_COUNTED = 3;
/** People whose readings are limited; more than have sessions. */
const MOST_PEOPLE = 2048;

/** Limits of one person, in all of their sessions. */
export interface PersonalLimits {
  readonly lists: LimitFunction;
  /** A team whose pods do not answer keeps nobody from the list. */
  readonly details: LimitFunction;
  readonly views: ViewLimits;
}

/** Limits what the page reads for one person at a time. */
export class Readings {
  readonly #limits: Map<string, PersonalLimits> = new Map();
  readonly #views = new ViewRegistry();

  /** @param user name of the person. */
  of(user: string): PersonalLimits {
    const { name, people } = personOf(user);
    const times = Math.min(people, MOST_COUNTED);
    const limits = this.#limits.get(name) ?? {
      lists: pLimit(LISTS_AT_ONCE * times),
      details: pLimit(DETAILS_AT_ONCE * times),
      views: this.#views.limits(times),
    };
    this.#limits.delete(name);
    this.#limits.set(name, limits);
    const oldest = this.#limits.keys().next().value;
    if (this.#limits.size > MOST_PEOPLE && oldest !== undefined) this.#limits.delete(oldest);
    return limits;
  }

  /** Ends what is being read, and waits until the pods that read it are deleted. */
  close(): Promise<void> {
    return this.#views.close();
  }
}
