import { createHmac } from 'node:crypto';
import type { Caller } from '../caller.ts';
import { SharedReads } from '../shared-reads.ts';
import { type Access, INTERVAL_MS, type Person } from './options.ts';

/** People whose callers are kept, so that the next reading of a team continues where the last one ended. */
const MOST = 256;

/** The people for whom an authenticating proxy speaks. They have no sessions here: each request names them. */
export class People {
  readonly #access: Access;
  readonly #mayAct: boolean;
  /** By the CSRF token of a person. */
  readonly #callers = new Map<string, Caller>();
  /** Ends what is streamed when the server stops. */
  readonly #end = new AbortController();

  constructor(access: Access, mayAct: boolean) {
    this.#access = access;
    this.#mayAct = mayAct;
  }

  /** @param key secret that all replicas know. */
  caller(person: Person, key: string): Caller {
    const csrf = createHmac('sha256', key)
      .update(JSON.stringify([person.user, person.groups]))
      .digest('base64url');
    // The key may have changed, so that it belongs to what a caller is found by.
    const caller = this.#callers.get(csrf) ?? this.#make(person, csrf);
    this.#callers.delete(csrf);
    this.#callers.set(csrf, caller);
    const oldest = this.#callers.keys().next().value;
    if (this.#callers.size > MOST && oldest !== undefined) this.#callers.delete(oldest);
    return caller;
  }

  close(): void {
    this.#end.abort();
  }

  #make(person: Person, csrf: string): Caller {
    return {
      session: {
        auth: 'proxy',
        user: person.user,
        mayAct: this.#mayAct,
        hasNamespaces: true,
        csrf,
      },
      source: this.#access.sourceOfPerson(person),
      reads: new SharedReads(INTERVAL_MS, this.#end.signal),
      intervalMs: INTERVAL_MS,
      ended: this.#end.signal,
    };
  }
}
