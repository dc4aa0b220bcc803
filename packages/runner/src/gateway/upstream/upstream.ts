import type { RequestOptions } from 'node:http';
import { urlToHttpOptions } from 'node:url';
import { type Proxies, proxyFor, proxyHeaders } from '@agentteam/notify/proxies';
import { http } from '../http/node-http.ts';
import { IDLE_MS, type UpstreamReply, type UpstreamRequest } from './exchange.ts';
import { sendHttp1 } from './http1.ts';
import type { Http2Connections } from './http2.ts';
import type { SecureAgent } from './secure.ts';
import { ProxyError } from './tunnel.ts';

/** Error code of a server that does not support HTTP/1.1. */
const NO_HTTP1 = 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL';

/**
 * Connections to the servers behind the gateway. They are kept open, use the configured proxy, and use
 * HTTP/1.1 if the server supports it, otherwise HTTP/2 (see docs/decisions/0004). TLS and HTTP/2 are
 * loaded on first use. Node reads additional certificate authorities from `NODE_EXTRA_CA_CERTS`.
 */
export class Upstream {
  readonly #proxies: Proxies;
  readonly #plain: InstanceType<typeof http.Agent> = new http.Agent({
    keepAlive: true,
    timeout: IDLE_MS,
  });
  #secure: SecureAgent | undefined;
  #http2: Http2Connections | undefined;
  readonly #http2Origins: Set<string> = new Set();

  constructor(proxies: Proxies) {
    this.#proxies = proxies;
  }

  /**
   * Sends a request. Resolves when the reply starts.
   * @throws a system error, ProxyError, SilenceError or StaleConnectionError, or the signal's reason.
   */
  async send(request: UpstreamRequest): Promise<UpstreamReply> {
    const { url } = request;
    if (url.protocol !== 'https:') return this.#sendPlain(request);
    if (!this.#http2Origins.has(url.origin)) {
      try {
        return await this.#sendSecure(request);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== NO_HTTP1) throw error;
        this.#http2Origins.add(url.origin);
      }
    }
    const { Http2Connections } = await import('./http2.ts');
    this.#http2 ??= new Http2Connections(this.#proxies);
    return this.#http2.send(request);
  }

  /** Closes idle connections. */
  async close(): Promise<void> {
    this.#plain.destroy();
    this.#secure?.destroy();
    await this.#http2?.close();
  }

  async #sendSecure(request: UpstreamRequest): Promise<UpstreamReply> {
    const [https, { SecureAgent }] = await Promise.all([
      import('node:https'),
      import('./secure.ts'),
    ]);
    this.#secure ??= new SecureAgent(this.#proxies);
    return sendHttp1(https.request, this.#secure, targetOf(request.url), request);
  }

  /** Sends a request without TLS. A proxy gets the whole URL in the request line. */
  async #sendPlain(request: UpstreamRequest): Promise<UpstreamReply> {
    const { url, headers } = request;
    const proxy = proxyFor(this.#proxies, url);
    if (proxy === undefined) return sendHttp1(http.request, this.#plain, targetOf(url), request);
    const target = { ...targetOf(proxy), path: `${url.origin}${url.pathname}${url.search}` };
    const proxied = { ...request, headers: { host: url.host, ...headers, ...proxyHeaders(proxy) } };
    if (proxy.protocol === 'http:') {
      return refuseProxyLogin(await sendHttp1(http.request, this.#plain, target, proxied));
    }
    const { request: send, globalAgent } = await import('node:https');
    return refuseProxyLogin(await sendHttp1(send, globalAgent, target, proxied));
  }
}

/** A proxy's demand for a login must not reach the agent. @throws ProxyError */
function refuseProxyLogin(reply: UpstreamReply): UpstreamReply {
  if (reply.status !== 407) return reply;
  reply.body.destroy();
  throw new ProxyError(`the proxy answered ${reply.status}`, reply.status);
}

/** Credentials in the URL are not sent: those for the API are mounted. */
function targetOf(url: URL): RequestOptions {
  return { ...urlToHttpOptions(url), auth: null };
}
