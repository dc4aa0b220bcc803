import type { IncomingHttpHeaders } from 'node:http';

/** Headers that the gateway adds to requests. */
export type CredentialHeaders = Readonly<Record<string, string>>;

/** Headers that concern a single connection (RFC 9110, 7.6.1, and those for proxies). */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/**
 * The agent's credentials must not be forwarded; `host` and `expect` concern its own connection. The
 * gateway sets `content-length` for the body that it sends: a wrong length would allow request smuggling.
 */
const NOT_FORWARDED = new Set([
  'authorization',
  'x-api-key',
  'cookie',
  'host',
  'expect',
  'content-length',
]);

/** The API's headers that do not affect the price. The gateway sets `anthropic-beta` itself. */
const API_HEADERS = new Set(['anthropic-version', 'anthropic-dangerous-direct-browser-access']);

/** Some servers read `x_api_key` as `x-api-key`, so that an agent could replace what the gateway adds. */
export const USUAL_NAME: RegExp = /^[a-z0-9-]+$/;

/** Headers with which a company gateway might read the request as a different one. */
export const REROUTING: RegExp =
  /^(?:x-http-method(?:-override)?|x-method-override|x-original-url|x-rewrite-url)$/;

export type Headers = Record<string, string | string[]>;

/** Headers of the request to the upstream. */
export function requestHeaders(from: IncomingHttpHeaders, credentials: CredentialHeaders): Headers {
  const headers = Object.fromEntries(
    Object.entries(endToEnd(from)).filter(
      ([name]) =>
        USUAL_NAME.test(name) &&
        !NOT_FORWARDED.has(name) &&
        !REROUTING.test(name) &&
        (!name.startsWith('anthropic-') || API_HEADERS.has(name)),
    ),
  );
  // The gateway reads the usage from the reply, which therefore must not be compressed.
  return { ...headers, 'accept-encoding': 'identity', ...credentials };
}

/** Headers of the reply to the agent. Rate limits, request ids and retry hints are kept. */
export function responseHeaders(from: IncomingHttpHeaders, decoded: boolean): Headers {
  const headers = endToEnd(from);
  // Cookies of the upstream's load balancer are tied to the gateway's credential.
  delete headers['set-cookie'];
  if (decoded) {
    delete headers['content-encoding'];
    delete headers['content-length'];
  }
  return headers;
}

/** Removes the headers that concern a single connection. */
export function endToEnd(from: IncomingHttpHeaders): Headers {
  const named = String(from.connection ?? '')
    .toLowerCase()
    .split(',')
    .map((name) => name.trim());
  return Object.fromEntries(
    Object.entries(from).filter(
      (entry): entry is [string, string | string[]] =>
        entry[1] !== undefined &&
        !entry[0].startsWith(':') &&
        !HOP_BY_HOP.has(entry[0]) &&
        !named.includes(entry[0]),
    ),
  );
}

/** Joins a header that was sent in several lines. */
export function joined(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(',') : value;
}
