import type { IncomingMessage } from 'node:http';
import { isSameSecret } from './same-secret.ts';

/**
 * Checks where a request comes from. A page of another site that a browser shows can send requests to
 * loopback. Its Host is its own name if it uses DNS rebinding, and its Origin is its own otherwise.
 * @returns why the request is refused.
 */
export function foreign({ headers, method }: IncomingMessage, port: number): string | undefined {
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  const { host = '', origin } = headers;
  if (!hosts.includes(host)) return 'The Host of the request is not the address of this page.';
  if (origin === undefined ? method === 'POST' : origin !== `http://${host}`) {
    return 'The Origin of the request is not this page.';
  }
  return undefined;
}

/** Whether the request has the token, as `Authorization: Bearer <token>`. */
export function isAuthorized({ headers }: IncomingMessage, token: string): boolean {
  return isSameSecret(headers.authorization ?? '', `Bearer ${token}`);
}

/** Sent with each reply. `'self'` is this server, so that the page can load and call nothing else. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; '),
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'cache-control': 'no-store',
};
