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
 * What Claude Code sends to the API, apart from what the gateway sets itself. Other headers are not passed on: with
 * them, gateways of companies send a request and its credential to another host (`x-portkey-custom-host`,
 * `helicone-target-url`), or add betas.
 */
const API_HEADERS =
  /^(?:accept|content-type|user-agent|anthropic-version|anthropic-dangerous-direct-browser-access|x-app|x-client-request-id|x-claude-[a-z-]+|x-stainless-[a-z-]+)$/;

/** The headers of MCP's streamable HTTP: modelcontextprotocol.io/specification, basic/transports. */
const MCP_HEADERS = /^(?:accept|content-type|user-agent|last-event-id|mcp-[a-z0-9-]+)$/;

export type Headers = Record<string, string | string[]>;

/** Headers of a request to the API. */
export function apiHeaders(from: IncomingHttpHeaders, credentials: CredentialHeaders): Headers {
  return requestHeaders(from, API_HEADERS, credentials);
}

/** Headers of a request to an MCP server. */
export function mcpHeaders(from: IncomingHttpHeaders, credentials: CredentialHeaders): Headers {
  return requestHeaders(from, MCP_HEADERS, credentials);
}

/** @param passed the agent's headers that are passed on. */
function requestHeaders(
  from: IncomingHttpHeaders,
  passed: RegExp,
  credentials: CredentialHeaders,
): Headers {
  const kept = Object.entries(endToEnd(from)).filter(([name]) => passed.test(name));
  // The gateway reads the usage from the reply, which therefore must not be compressed.
  return { ...Object.fromEntries(kept), 'accept-encoding': 'identity', ...credentials };
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
