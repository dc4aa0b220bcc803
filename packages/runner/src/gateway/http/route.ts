import type { McpServerRef } from '@agentteam/contract';
import type { GatewayConfig } from '../config.ts';
import type { ApiRoute } from '../provider-api/provider-api.ts';

/** The destination of an agent's request. */
export type Route =
  | ApiRoute
  /** Free of charge. Only Anthropic's API has it. */
  | { readonly kind: 'models'; readonly path: string }
  | { readonly kind: 'mcp'; readonly server: McpServerRef; readonly path: string };

const MODELS =
  /^\/v1\/models(?:\/(?!\.{1,2}(?:\?|$))[A-Za-z0-9._:@-]{1,200})?(?:\?[A-Za-z0-9_=&.:-]{0,200})?$/;
const MCP = /^\/mcp\/([A-Za-z0-9_-]{1,128})((?:\/[A-Za-z0-9._~!$&'()*+,;=:@-]*)*)$/;
/** A dot segment. Java servers also accept parameters after the dots. */
const DOTS = /^\.{1,2}(?:;|$)/;

/**
 * Finds the route for a request that is not for the provider's API itself. The request line is matched without
 * decoding or normalising it, so that the upstream cannot understand it differently.
 * @param target for example `/mcp/tracker`.
 * @returns `undefined` unless the request is explicitly allowed.
 */
export function findRoute(
  method: string,
  target: string,
  { provider, mcpServers }: Pick<GatewayConfig, 'provider' | 'mcpServers'>,
): Exclude<Route, ApiRoute> | undefined {
  const mark = target.indexOf('?');
  const path = mark < 0 ? target : target.slice(0, mark);
  const query = mark < 0 ? '' : target.slice(mark);
  if (method === 'GET' && provider === undefined && MODELS.test(target)) {
    return { kind: 'models', path: target };
  }
  const mcp = MCP.exec(path);
  if (mcp === null || !['GET', 'POST', 'DELETE'].includes(method)) return undefined;
  const [, name, rest = ''] = mcp;
  const server = mcpServers.find((candidate) => candidate.name === name);
  if (server === undefined || rest.split('/').some((part) => DOTS.test(part))) return undefined;
  if (overrides(new URLSearchParams(query.replaceAll(';', '&')), new URL(server.url).searchParams))
    return undefined;
  return { kind: 'mcp', server, path: `${rest}${query}` };
}

/**
 * Whether a query has a parameter of the team's own URL, such as `read_only=true`. Servers differ in which of two
 * values they take, in the spelling of names (`read_only`, `READ_ONLY`, `read_only[]`, in PHP also `read.only` and
 * `read[only`), and in whether `;` separates them.
 */
function overrides(query: URLSearchParams, own: URLSearchParams): boolean {
  const spellings = (name: string) => {
    const plain = name.toLowerCase().split('\0')[0]?.trim() ?? '';
    return [plain, plain.replace(/\[.*$/s, '')].map((one) => one.replaceAll(/[^a-z0-9]/g, '_'));
  };
  const names = new Set([...own.keys()].flatMap(spellings));
  return [...query.keys()].flatMap(spellings).some((name) => names.has(name));
}

/** The URL of a route. The path and query of `base` are kept. */
export function upstreamUrl(base: URL, path: string): URL {
  const mark = path.indexOf('?');
  const url = new URL(base);
  const below = mark < 0 ? path : path.slice(0, mark);
  if (below !== '') url.pathname = `${base.pathname.replace(/\/$/, '')}${below}`;
  if (mark >= 0)
    url.search = [base.search.slice(1), path.slice(mark + 1)].filter(Boolean).join('&');
  return url;
}
