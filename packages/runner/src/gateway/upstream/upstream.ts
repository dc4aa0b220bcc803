import type { RequestOptions } from 'node:http';
import { urlToHttpOptions } from 'node:url';
import { type Proxies, proxyFor, proxyHeaders } from '@agentteam/notify/proxies';
import { http } from '../node-http.ts';
import { IDLE_MS, type UpstreamReply, type UpstreamRequest } from './exchange.ts';
import { sendHttp1 } from './http1.ts';
import type { Http2Connections } from './http2.ts';
import type { SecureAgent } from './secure.ts';
import { ProxyError } from './tunnel.ts';

/** What a server says that does not speak HTTP/1.1. */
const NO_HTTP1 = 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL';

/**
 * Connections to what lies behind the gateway: kept alive, through the configured proxy, HTTP/1.1 where
 * it can be had and HTTP/2 where not: docs/decisions/0004. TLS and HTTP/2 are loaded by the first request
 * that needs them. Additional certificate authorities come from `NODE_EXTRA_CA_CERTS`, which Node reads.
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
   * Resolves when the reply has begun.
   * @throws what kept it from beginning: a system error, ProxyError, SilenceError, the signal's reason.
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

  /** Closes connections that wait for a next request. */
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

  /** A proxy gets a request that is not for TLS whole, with its URL in the request line. */
  async #sendPlain(request: UpstreamRequest): Promise<UpstreamReply> {
    const { url, headers } = request;
    const proxy = proxyFor(this.#proxies, url);
    if (proxy === undefined) return sendHttp1(http.request, this.#plain, targetOf(url), request);
    const target = { ...targetOf(proxy), path: `${url.origin}${url.pathname}${url.search}` };
    const proxied = { ...request, headers: { host: url.host, ...headers, ...proxyHeaders(proxy) } };
    if (proxy.protocol === 'http:') {
      return letThrough(await sendHttp1(http.request, this.#plain, target, proxied));
    }
    const { request: send, globalAgent } = await import('node:https');
    return letThrough(await sendHttp1(send, globalAgent, target, proxied));
  }
}

/** What a proxy asks of us is not for the agent, to which the gateway is the API. @throws ProxyError */
function letThrough(reply: UpstreamReply): UpstreamReply {
  if (reply.status !== 407) return reply;
  reply.body.destroy();
  throw new ProxyError(`the proxy answered ${reply.status}`, reply.status);
}

/** Credentials in the URL stay where they are: those of the API are mounted. */
function targetOf(url: URL): RequestOptions {
  return { ...urlToHttpOptions(url), auth: null };
}
