import { isIP } from 'node:net';
import { Agent, type Dispatcher, Pool, ProxyAgent } from 'undici';
import { type Proxies, proxyFor } from './proxies.ts';
import {
  assertPublicHost,
  lookupPublic,
  PrivateTargetError,
  publicAddresses,
} from './public-address.ts';

/** Whether webhooks may have private addresses. With `proxied`, the proxy decides. */
export type AllowPrivate = boolean | 'proxied';

/** @returns undefined when the text is none of the three values. */
export function readAllowPrivate(text: string): AllowPrivate | undefined {
  if (text === 'proxied') return text;
  return text === 'true' || text === 'false' ? text === 'true' : undefined;
}

/** How to call a webhook: the URL and headers of the request, and its connections. */
export interface Route {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly dispatcher: Dispatcher;
  /** Adds a hint to an error of a call over this route, if there is one. */
  readonly explain: (error: Error) => Error;
}

const CONNECT_WITHIN_MS = 15_000;

/** Timeouts for the headers of a reply. A proxy's reply to `CONNECT` counts. */
export const TIMEOUTS = { headersTimeout: 15_000, bodyTimeout: 15_000 } as const;

/**
 * Finds the route to a webhook, through a proxy if there is one for its URL. By default this function
 * resolves the name and refuses private addresses, and the proxy gets the checked address, so that it
 * cannot resolve the name to another one. With `proxied` the proxy gets the name and decides itself.
 * @throws PrivateTargetError when the address is private, and an Error with a hint when the name cannot
 * be resolved here.
 */
export async function routeTo(
  url: URL,
  allowPrivate: AllowPrivate,
  proxies: Proxies | undefined,
): Promise<Route> {
  if (allowPrivate !== true) assertPublicHost(url);
  const proxy = proxies && proxyFor(proxies, url);
  if (proxy === undefined) {
    const lookup = allowPrivate === true ? {} : { lookup: lookupPublic };
    const connect = { timeout: CONNECT_WITHIN_MS, ...lookup };
    return { url, headers: {}, dispatcher: new Agent({ connect }), explain: unchanged };
  }
  if (allowPrivate !== false) {
    return { url, headers: {}, dispatcher: throughProxy(proxy), explain: unchanged };
  }
  const [{ address }] = await publicAddresses(url.hostname).catch((error: Error) => {
    throw error instanceof PrivateTargetError ? error : withHint(error);
  });
  const target = new URL(url);
  target.hostname = isIP(address) === 6 ? `[${address}]` : address;
  return {
    url: target,
    headers: { host: url.host },
    dispatcher: throughProxy(proxy, {
      // Use a tunnel without TLS too: a proxy that reads the request would follow its Host header.
      proxyTunnel: true,
      // With HTTP/2 the authority would have to be the address.
      allowH2: false,
      ...(target.hostname !== url.hostname && { requestTls: { servername: url.hostname } }),
    }),
    explain: withHint,
  };
}

function throughProxy(proxy: URL, options: Partial<ProxyAgent.Options> = {}): ProxyAgent {
  return new ProxyAgent({
    uri: proxy.href,
    connectTimeout: CONNECT_WITHIN_MS,
    clientFactory: (origin, given) => new Pool(origin, { ...given, ...TIMEOUTS }),
    ...options,
  });
}

const unchanged = (error: Error): Error => error;

function withHint(error: Error): Error {
  const hint = 'to let the proxy resolve names, set AGENTTEAM_ALLOW_PRIVATE_WEBHOOKS=proxied';
  return new Error(`${error.message} (${hint})`, { cause: error });
}
