import type { BlockList } from 'node:net';
import type { TeamSource } from '../team-source.ts';

/** A person whom an authenticating proxy knows. */
export interface Person {
  readonly user: string;
  readonly groups: readonly string[];
}

/** What the API server says about a token that it accepts. */
export interface Review {
  readonly user: string;
  /** Milliseconds since the epoch; absent for a token that does not say when it expires. */
  readonly expiresAt?: number;
}

/** Opens the teams of a cluster with a caller's own rights. The command line implements it. */
export interface Access {
  /**
   * Asks the API server who has a token.
   * @returns undefined if it does not accept the token.
   * @throws Error when it does not answer.
   */
  review(token: string): Promise<Review | undefined>;
  /**
   * @param user name of the token's owner, as the review says.
   * @param onRefused called when the API server no longer accepts the token.
   */
  sourceOfToken(token: string, user: string, onRefused: () => void): TeamSource;
  sourceOfPerson(person: Person): TeamSource;
}

/** How callers prove who they are: with a token of the cluster, or through a proxy that knows them. */
export type Authentication =
  | { readonly mode: 'token'; readonly sessionMs: number }
  | ({ readonly mode: 'proxy' } & ProxyTrust);

/** What is believed of an authenticating proxy, and when. At least one of the proofs is configured. */
export interface ProxyTrust {
  readonly userHeader: string;
  readonly groupsHeader: string;
  /** Groups that are passed on; `*` for all. Names that begin with `system:` are never passed on. */
  readonly groups: readonly string[];
  /** Put before the names of users and groups. */
  readonly userPrefix: string;
  readonly groupPrefix: string;
  /** File with a secret that the proxy sends. */
  readonly secretFile?: string;
  /** File with the authorities (PEM) that sign the certificates of proxies. Needs TLS. */
  readonly clientCaFile?: string;
  /** Common names or DNS names of these certificates; empty for any. */
  readonly clientNames: readonly string[];
}

/**
 * Milliseconds between two readings of what is streamed. Each reading costs the API server some requests, which
 * no two people share.
 */
export const INTERVAL_MS = 2000;

export interface ConsoleOptions {
  /** Directory of the built page. */
  readonly assets: string;
  /** 0: any free port. */
  readonly port: number;
  /** Directory with `tls.crt` and `tls.key`; absent for plain HTTP. */
  readonly tlsDirectory?: string;
  /** Names in addresses of the page, besides those of loopback. */
  readonly hosts: readonly string[];
  /** Addresses of ingresses that say from where they pass a request on (`X-Forwarded-For`). */
  readonly ingresses: BlockList;
  /** Whether callers can act, such as approve a gate. */
  readonly mayAct: boolean;
  readonly authentication: Authentication;
  readonly access: Access;
  /** Records logins and actions. Gets no token. */
  readonly log: (entry: Readonly<Record<string, unknown>>) => void;
}
