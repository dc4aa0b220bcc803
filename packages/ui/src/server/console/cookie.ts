import type { IncomingMessage } from 'node:http';
import { isLoopback } from './origin.ts';

/**
 * Browsers accept the prefix `__Host-` only over HTTPS. It keeps other hosts of the domain from setting the
 * cookie. Through `kubectl port-forward` the page has an address of loopback, mostly without TLS.
 */
function nameFor(request: IncomingMessage): string {
  return isLoopback(request) ? 'agentteam-session' : '__Host-agentteam-session';
}

/** @returns the id of the caller's session; undefined if the request has none. */
export function sessionIdIn(request: IncomingMessage): string | undefined {
  const name = nameFor(request);
  const pairs = (request.headers.cookie ?? '').split(';').map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
}

/** A `Set-Cookie` that only this server reads, and only in requests of its own pages. */
export function sessionCookie(request: IncomingMessage, id: string): string {
  return `${nameFor(request)}=${id}; Path=/; HttpOnly; Secure; SameSite=Strict`;
}

export function expiredCookie(request: IncomingMessage): string {
  return `${sessionCookie(request, '')}; Max-Age=0`;
}
