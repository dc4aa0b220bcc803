import type { IncomingHttpHeaders } from 'node:http';
import type { CredentialHeaders } from './credentials.ts';

/** RFC 9110, 7.6.1, and what a proxy settles with each side by itself. */
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
 * The agent's own credentials end here; `host` and `expect` belong to its connection, and the length to
 * the body that the gateway sends. A length without that body would have the upstream take the beginning
 * of the next request for it, and read another request out of the rest.
 */
const NOT_FORWARDED = new Set([
  'authorization',
  'x-api-key',
  'cookie',
  'host',
  'expect',
  'content-length',
]);

/** Of the API's own headers those that say nothing of the price. The gateway writes `anthropic-beta` anew. */
const API_HEADERS = new Set(['anthropic-version', 'anthropic-dangerous-direct-browser-access']);

/** A gateway of a company's may take a request for another one because of these. */
const REROUTING =
  /^(?:x-http-method(?:-override)?|x-method-override|x-original-url|x-rewrite-url)$/;

type Headers = Record<string, string | string[]>;

/** Headers of the request to the upstream. */
export function requestHeaders(from: IncomingHttpHeaders, credentials: CredentialHeaders): Headers {
  const headers = Object.fromEntries(
    Object.entries(endToEnd(from)).filter(
      ([name]) =>
        !NOT_FORWARDED.has(name) &&
        !REROUTING.test(name) &&
        (!name.startsWith('anthropic-') || API_HEADERS.has(name)),
    ),
  );
  // Usage is read from the reply as it passes, so it has to come uncompressed.
  return { ...headers, 'accept-encoding': 'identity', ...credentials };
}

/** Headers of the reply to the agent. Rate limits, request ids and retry hints pass unchanged. */
export function responseHeaders(from: IncomingHttpHeaders, decoded: boolean): Headers {
  const headers = endToEnd(from);
  // Cookies of the upstream's load balancer speak for our credential.
  delete headers['set-cookie'];
  if (decoded) {
    delete headers['content-encoding'];
    delete headers['content-length'];
  }
  return headers;
}

/** Headers without those that each of the two connections has of its own. */
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

/** A header that a client may have sent in several lines. */
export function joined(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(',') : value;
}
