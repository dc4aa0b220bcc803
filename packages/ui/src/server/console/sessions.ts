import { createHash, randomBytes } from 'node:crypto';
import type { Caller, Session } from '../caller.ts';
import { SharedReads } from '../shared-reads.ts';
import { type Access, INTERVAL_MS, type Review } from './options.ts';
import { personOf } from './person-of.ts';

/** Sessions of all people, and of one of them. */
const MOST = 1000;
const MOST_OF_ONE = 16;
/** Milliseconds between two questions to the API server whether it still accepts a token. */
const RECHECK_MS = 60_000;
/** The longest delay of a Node timer. */
const LONGEST_TIMER = 2 ** 31 - 1;

interface Entry extends Caller {
  readonly user: string;
  readonly end: AbortController;
}

/** A person cannot log in because the limit of sessions is reached. */
export class TooManySessions extends Error {}

/**
 * The people who have logged in with a token. Sessions and tokens are only in memory: the browser has a random
 * id. A session ends when its person logs out, when the token expires or is no longer accepted, and after a
 * time.
 */
export class Sessions {
  readonly #access: Access;
  readonly #sessionMs: number;
  readonly #mayAct: boolean;
  /** By the digest of an id, so that comparing ids reveals nothing. */
  readonly #entries = new Map<string, Entry>();

  constructor(access: Access, sessionMs: number, mayAct: boolean) {
    this.#access = access;
    this.#sessionMs = sessionMs;
    this.#mayAct = mayAct;
  }

  find(id: string): Caller | undefined {
    return this.#entries.get(digest(id));
  }

  /**
   * Opens a session for a token that the API server has accepted. The oldest session of a person with many of
   * them ends.
   * @param id absent for a random one.
   * @throws TooManySessions when there are too many of other people.
   */
  open(
    token: string,
    { user, expiresAt }: Review,
    id: string = randomBytes(32).toString('base64url'),
  ): { readonly id: string; readonly caller: Caller } {
    const { name, people } = personOf(user);
    const same = [...this.#entries.values()].filter((entry) => personOf(entry.user).name === name);
    const own = same.filter((entry) => entry.user === user);
    if (own.length >= MOST_OF_ONE) own[0]?.end.abort();
    else if (same.length >= MOST_OF_ONE * people) same[0]?.end.abort();
    if (this.#entries.size >= MOST) throw new TooManySessions('too many people are logged in');
    const end = new AbortController();
    const session: Session = {
      auth: 'token',
      user,
      mayAct: this.#mayAct,
      hasNamespaces: true,
      csrf: randomBytes(32).toString('base64url'),
    };
    const source = this.#access.sourceOfToken(token, user, () => end.abort());
    const caller: Entry = {
      ...{ user, session, source, end },
      reads: new SharedReads(INTERVAL_MS, end.signal),
      intervalMs: INTERVAL_MS,
      ended: end.signal,
    };
    const key = digest(id);
    const untilMs = Math.min(this.#sessionMs, (expiresAt ?? Number.POSITIVE_INFINITY) - Date.now());
    const expiry = setTimeout(() => end.abort(), Math.min(Math.max(untilMs, 0), LONGEST_TIMER));
    const recheck = setInterval(() => void this.#recheck(token, user, end), RECHECK_MS);
    for (const timer of [expiry, recheck]) timer.unref();
    end.signal.addEventListener('abort', () => {
      clearTimeout(expiry);
      clearInterval(recheck);
      this.#entries.delete(key);
    });
    this.#entries.set(key, caller);
    return { id, caller };
  }

  end(id: string): void {
    this.#entries.get(digest(id))?.end.abort();
  }

  /** Ends all sessions and what is streamed to them. */
  close(): void {
    for (const { end } of [...this.#entries.values()]) end.abort();
  }

  async #recheck(token: string, user: string, end: AbortController): Promise<void> {
    try {
      const review = await this.#access.review(token);
      if (review?.user !== user) end.abort();
    } catch {
      // The API server does not answer, so that the person cannot read anything either.
    }
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
