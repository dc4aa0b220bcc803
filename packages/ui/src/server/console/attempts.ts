import { isIP } from 'node:net';
import type { Review } from './options.ts';
import { personOf } from './person-of.ts';

/** Failed logins of one network, logins of one person, and all logins, within a minute. */
const MOST_FAILED = 20;
const MOST_OF_ONE = 60;
const MOST = 600;
const WINDOW_MS = 60_000;
/** Tokens of one network that the API server is asked about at a time. */
const MOST_OPEN = 50;

/**
 * Limits how often somebody tries tokens, and how often this server asks the API server about tokens. Behind an
 * ingress that does not say where requests come from, many people have one address, so that only failures count
 * for it, and logins of somebody who has very many.
 */
export class Attempts {
  #since = 0;
  #all = 0;
  readonly #failed = new Map<string, number>();
  readonly #people = new Map<string, number>();
  /** Attempts whose end is not known. They count also when the next minute has begun. */
  readonly #open = new Map<string, number>();

  /**
   * Asks about a token.
   * @returns what `review` says; `too-many` without asking when there were too many attempts in this minute.
   */
  async ask(
    address: string,
    review: () => Promise<Review | undefined>,
  ): Promise<Review | undefined | 'too-many'> {
    this.#forget();
    const network = networkOf(address);
    const isOver =
      this.#all >= MOST ||
      countOf(this.#failed, network) >= MOST_FAILED ||
      countOf(this.#open, network) >= MOST_OPEN;
    if (isOver) return 'too-many';
    this.#all += 1;
    add(this.#open, network, 1);
    try {
      const found = await review();
      if (found === undefined || this.#hasMany(found)) add(this.#failed, network, 1);
      return found;
    } finally {
      add(this.#open, network, -1);
    }
  }

  #forget(): void {
    const now = Date.now();
    if (now - this.#since < WINDOW_MS) return;
    this.#since = now;
    this.#all = 0;
    this.#failed.clear();
    this.#people.clear();
  }

  #hasMany({ user }: Review): boolean {
    const { name, people } = personOf(user);
    add(this.#people, name, 1);
    return countOf(this.#people, name) > MOST_OF_ONE * people;
  }
}

function countOf(counts: ReadonlyMap<string, number>, name: string): number {
  return counts.get(name) ?? 0;
}

function add(counts: Map<string, number>, name: string, by: 1 | -1): void {
  const count = countOf(counts, name) + by;
  if (count === 0) counts.delete(name);
  else counts.set(name, count);
}

/** Whoever has an IPv6 address has all those that begin with the same 64 bits. */
function networkOf(address: string): string {
  if (isIP(address) !== 6 || /^::ffff:[\d.]+$/i.test(address)) return address;
  const [before = '', after = ''] = (address.split('%')[0] ?? '').split('::');
  const [head, tail] = [before, after].map((part) => part.split(':').filter((one) => one !== ''));
  const zeros = Array.from({ length: 8 - (head?.length ?? 0) - (tail?.length ?? 0) }, () => '0');
  const groups = [...(head ?? []), ...zeros, ...(tail ?? [])].slice(0, 4);
  return groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':');
}
