import { isIP } from 'node:net';
import { Agent, type Dispatcher, Pool, ProxyAgent } from 'undici';
import { type Proxies, proxyFor } from './proxies.ts';
import {
  assertPublicHost,
  lookupPublic,
  PrivateTargetError,
  publicAddresses,
} from './public-address.ts';

/** Whether private and link-local targets may be called; `proxied`: those that a proxy lets through. */
export type AllowPrivate = boolean | 'proxied';

/** @returns `undefined` for a text that says none of the three. */
export function readAllowPrivate(text: string): AllowPrivate | undefined {
  if (text === 'proxied') return text;
  return text === 'true' || text === 'false' ? text === 'true' : undefined;
}

/** How a webhook is called: what the request names, and over which connections it goes. */
export interface Route {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly dispatcher: Dispatcher;
  /** Adds the way out to what a call over this route came to, where there is one. */
  readonly explain: (error: Error) => Error;
}

const CONNECT_WITHIN_MS = 15_000;

/** For an answer to begin, and between two parts of it: of the receiver's, and of a proxy's to `CONNECT`. */
export const TIMEOUTS = { headersTimeout: 15_000, bodyTimeout: 15_000 } as const;

/**
 * Finds the way to a webhook: through the environment's proxy, where it names one for this URL. Whether
 * a target is private is judged here in any case, by its addresses, and the one that was judged is what
 * a proxy is asked for: it never sees a name that it could resolve to another. With `proxied` it sees
 * the name, and judges itself.
 * @throws PrivateTargetError; an error with the way out for a name that is not known here.
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
    return { url, headers: {}, dispatcher: new Agent({ connect }), explain: asItIs };
  }
  if (allowPrivate !== false) {
    return { url, headers: {}, dispatcher: throughProxy(proxy), explain: asItIs };
  }
  const [{ address }] = await publicAddresses(url.hostname).catch((error: Error) => {
    throw error instanceof PrivateTargetError ? error : withWayOut(error);
  });
  const target = new URL(url);
  target.hostname = isIP(address) === 6 ? `[${address}]` : address;
  return {
    url: target,
    headers: { host: url.host },
    dispatcher: throughProxy(proxy, {
      // Without TLS, too: a proxy that reads a request goes by its Host alone.
      proxyTunnel: true,
      // There the name would have to be the address.
      allowH2: false,
      ...(target.hostname === url.hostname ? {} : { requestTls: { servername: url.hostname } }),
    }),
    explain: withWayOut,
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

const asItIs = (error: Error): Error => error;

function withWayOut(error: Error): Error {
  const wayOut =
    'AGENTTEAM_ALLOW_PRIVATE_WEBHOOKS=proxied has the proxy resolve names, and judge where they lead';
  return new Error(`${error.message} (${wayOut})`, { cause: error });
}
