import type { IncomingMessage } from 'node:http';
import type { Caller } from '../caller.ts';
import type { Attempts } from './attempts.ts';
import { clientAddress } from './client-address.ts';
import { sessionIdIn } from './cookie.ts';
import { TOO_MANY_ATTEMPTS } from './log-in.ts';
import type { ConsoleOptions, ProxyTrust } from './options.ts';
import type { People } from './people.ts';
import { personIn } from './proxy-person.ts';
import type { SecureFiles } from './secure-files.ts';
import type { Sessions } from './sessions.ts';

/** Why a request is not answered. */
export interface Refusal {
  readonly status: number;
  readonly error: string;
  /** Whether the person can log in here. */
  readonly login?: true;
}

/** Finds the session of a request, or opens one for the token that a proxy has put into its header. */
export async function callerWithToken(
  request: IncomingMessage,
  { access, ingresses }: Pick<ConsoleOptions, 'access' | 'ingresses'>,
  sessions: Sessions,
  attempts: Attempts,
): Promise<Caller | Refusal> {
  const id = sessionIdIn(request);
  const known = id === undefined ? undefined : sessions.find(id);
  if (known !== undefined) return known;
  const [, token] = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '') ?? [];
  if (token === undefined) return { status: 401, error: 'Log in.', login: true };
  const open = sessions.find(`bearer ${token}`);
  if (open !== undefined) return open;
  const from = clientAddress(request, ingresses);
  const review = await attempts.ask(from, () => access.review(token));
  if (review === 'too-many') return { status: 429, ...TOO_MANY_ATTEMPTS };
  if (review === undefined) {
    const error = 'The cluster does not accept the token of this request.';
    return { status: 401, error, login: true };
  }
  return sessions.open(token, review, `bearer ${token}`).caller;
}

/** Believes a proxy that has proved itself: with the secret, or with a certificate, which needs TLS. */
export function callerOfProxy(
  request: IncomingMessage,
  trust: ProxyTrust,
  { secret, tls }: SecureFiles,
  people: People,
): Caller | Refusal {
  const person = personIn(request, trust, secret);
  if (typeof person === 'string') return { status: 401, error: person };
  // All replicas have the same key.
  const key = secret ?? tls?.key.toString();
  if (key === undefined) return { status: 401, error: 'No proof of the proxy is configured.' };
  return people.caller(person, key);
}
