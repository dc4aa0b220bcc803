import type { SharedReads } from './shared-reads.ts';
import type { TeamSource } from './team-source.ts';

/** What the page must know about the person who uses it. */
export interface Session {
  /** `address`: the address had a token. `token`: the person logged in. `proxy`: a proxy knows the person. */
  readonly auth: 'address' | 'token' | 'proxy';
  /** Name in the API server; absent for a page that only one person uses. */
  readonly user?: string;
  /** Whether the page offers actions, such as approving a gate. */
  readonly mayAct: boolean;
  /** Whether the teams are in several namespaces. */
  readonly hasNamespaces: boolean;
  /** Sent back in the header {@link CSRF_HEADER} with each action; absent where none is needed. */
  readonly csrf?: string;
}

/** Header with {@link Session.csrf}. Another site's page can neither read nor send it. */
export const CSRF_HEADER = 'x-agentteam-csrf';

/** A person with the rights of whom a request is answered. */
export interface Caller {
  readonly session: Session;
  /** Reads and acts with the rights of this person. */
  readonly source: TeamSource;
  /** What all pages of this person follow. */
  readonly reads: SharedReads;
  /** Milliseconds between two readings of what is streamed. */
  readonly intervalMs: number;
  /** Aborted when the person's access has ended. */
  readonly ended: AbortSignal;
}
