import { type Dispatcher, EnvHttpProxyAgent } from 'undici';
import type { ProxyConfig } from './config.ts';

/** A model may think for minutes before it says anything; streams carry pings in between. */
const SILENCE_MS = 15 * 60_000;

/**
 * Connections to the upstream: kept alive, HTTP/2 where it is offered, through the configured proxy.
 * Additional certificate authorities come from `NODE_EXTRA_CA_CERTS`, which Node itself reads.
 */
export function makeDispatcher(proxy: ProxyConfig): Dispatcher {
  return new EnvHttpProxyAgent({
    httpProxy: proxy.http ?? '',
    httpsProxy: proxy.https ?? '',
    noProxy: proxy.exceptions,
    allowH2: true,
    headersTimeout: SILENCE_MS,
    bodyTimeout: SILENCE_MS,
    keepAliveTimeout: 60_000,
  });
}
