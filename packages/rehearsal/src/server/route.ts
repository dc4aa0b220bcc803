/** The target of a request to a rehearsal. */
export type Route =
  /** `/<agent>/v1/messages` */
  | { readonly kind: 'messages'; readonly agent: string }
  /** `/<agent>/v1/messages/count_tokens` */
  | { readonly kind: 'count-tokens'; readonly agent: string }
  /** `/<agent>/v1/models` and `/<agent>/v1/models/<model>` */
  | { readonly kind: 'models'; readonly agent: string; readonly model?: string }
  /** `/mcp/<server>` */
  | { readonly kind: 'mcp'; readonly server: string }
  /** `/hosting/github/…`; `path` is the part after `github`. */
  | { readonly kind: 'github'; readonly path: string; readonly query: URLSearchParams };

/** @param target of the request line, for example `/researcher/v1/messages?beta=true`. */
export function findRoute(target: string): Route | undefined {
  const url = URL.canParse(target, 'http://rehearsal') ? new URL(target, 'http://rehearsal') : null;
  if (url === null) return undefined;
  const { pathname, searchParams } = url;
  const [, agent, count] = /^\/([a-z0-9-]+)\/v1\/messages(\/count_tokens)?$/.exec(pathname) ?? [];
  if (agent !== undefined)
    return { kind: count === undefined ? 'messages' : 'count-tokens', agent };
  const [, asker, , model] =
    /^\/([a-z0-9-]+)\/v1\/models(\/([A-Za-z0-9._-]+))?$/.exec(pathname) ?? [];
  if (asker !== undefined)
    return { kind: 'models', agent: asker, ...(model !== undefined && { model }) };
  const [, server] = /^\/mcp\/([A-Za-z0-9_-]+)\/?$/.exec(pathname) ?? [];
  if (server !== undefined) return { kind: 'mcp', server };
  const [, path] = /^\/hosting\/github(\/.*)$/.exec(pathname) ?? [];
  return path === undefined ? undefined : { kind: 'github', path, query: searchParams };
}
