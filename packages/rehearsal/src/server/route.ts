import type { CloudProvider } from '@agentteam/contract';

/** The target of a request to a rehearsal. */
export type Route =
  /** `/<agent>/v1/messages` */
  | { readonly kind: 'messages'; readonly agent: string }
  /** `/<agent>/v1/messages/count_tokens` */
  | { readonly kind: 'count-tokens'; readonly agent: string }
  /** `/<agent>/v1/models` and `/<agent>/v1/models/<model>` */
  | { readonly kind: 'models'; readonly agent: string; readonly model?: string }
  /** The API of a cloud that offers Claude. */
  | CloudRoute
  /** `/tokens/token`, Google's token endpoint */
  | { readonly kind: 'google-token' }
  /** `/mcp/<server>` */
  | { readonly kind: 'mcp'; readonly server: string }
  /** `/hosting/github/…`; `path` is the part after `github`. */
  | { readonly kind: 'github'; readonly path: string; readonly query: URLSearchParams };

export interface CloudRoute {
  readonly kind: 'cloud';
  readonly agent: string;
  readonly cloud: CloudProvider;
  readonly operation: 'messages' | 'count-tokens' | 'profiles';
  /** Where the path names it. */
  readonly model?: string;
  /** Where the path says it. */
  readonly streams?: boolean;
}

const BEDROCK =
  /^\/([a-z0-9-]+)\/model\/([^/]+)\/(invoke|invoke-with-response-stream|count-tokens)$/;
const PROFILES = /^\/([a-z0-9-]+)\/inference-profiles$/;
const VERTEX =
  /^\/([a-z0-9-]+)\/v1\/projects\/[a-z0-9:.-]+\/locations\/[a-z0-9-]+\/publishers\/anthropic\/models\/([^/:]+):(rawPredict|streamRawPredict)$/;
const FOUNDRY = /^\/([a-z0-9-]+)\/anthropic\/v1\/messages(\/count_tokens)?$/;

/** The clouds' own paths, below the agent's name. */
function findCloudRoute(pathname: string): CloudRoute | undefined {
  const [, bedrock, id, invoke] = BEDROCK.exec(pathname) ?? [];
  if (bedrock !== undefined && id !== undefined) {
    const operation = invoke === 'count-tokens' ? 'count-tokens' : 'messages';
    const model = decodeURIComponent(id);
    const streams = invoke === 'invoke-with-response-stream';
    return { kind: 'cloud', cloud: 'bedrock', agent: bedrock, operation, model, streams };
  }
  const [, lister] = PROFILES.exec(pathname) ?? [];
  if (lister !== undefined) {
    return { kind: 'cloud', cloud: 'bedrock', agent: lister, operation: 'profiles' };
  }
  const [, vertex, model, predict] = VERTEX.exec(pathname) ?? [];
  if (vertex !== undefined) {
    const counts = model === 'count-tokens';
    return {
      kind: 'cloud',
      cloud: 'vertex',
      agent: vertex,
      operation: counts ? 'count-tokens' : 'messages',
      ...(!counts && model !== undefined && { model: decodeURIComponent(model) }),
      streams: predict === 'streamRawPredict',
    };
  }
  const [, foundry, count] = FOUNDRY.exec(pathname) ?? [];
  if (foundry === undefined) return undefined;
  const operation = count === undefined ? 'messages' : 'count-tokens';
  return { kind: 'cloud', cloud: 'foundry', agent: foundry, operation };
}

/** @param target of the request line, for example `/researcher/v1/messages?beta=true`. */
export function findRoute(target: string): Route | undefined {
  const url = URL.canParse(target, 'http://rehearsal') ? new URL(target, 'http://rehearsal') : null;
  if (url === null) return undefined;
  const { pathname, searchParams } = url;
  const cloud = findCloudRoute(pathname);
  if (cloud !== undefined) return cloud;
  if (pathname === '/tokens/token') return { kind: 'google-token' };
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
