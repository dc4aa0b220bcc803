import { Agent, type AgentOptions, type RequestOptions } from 'node:https';
import { isIP, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect, type TLSSocket } from 'node:tls';
import { type Proxies, proxyFor } from '@agentteam/notify/proxies';
import { IDLE_MS } from './exchange.ts';
import { openTunnel } from './tunnel.ts';

/** Connections for HTTP/1.1 over TLS, through the proxy if one is set. */
export class SecureAgent extends Agent {
  readonly #proxies: Proxies;

  constructor(proxies: Proxies) {
    super({ keepAlive: true, timeout: IDLE_MS, ALPNProtocols: ['http/1.1'] } as AgentOptions);
    this.#proxies = proxies;
  }

  override createConnection(
    options: RequestOptions,
    callback: (error: Error | null, socket: Duplex) => void = () => {},
  ): Duplex | null | undefined {
    const url = secureUrl(options.host ?? '', options.port ?? 443);
    const proxy = proxyFor(this.#proxies, url);
    if (proxy === undefined) return super.createConnection(options, callback);
    openTunnel(proxy, authority(url)).then(
      (socket) => {
        const through: RequestOptions & { readonly socket: Socket } = { ...options, socket };
        callback(null, super.createConnection(through) as Duplex);
      },
      (error: Error) => callback(error, undefined as unknown as Duplex),
    );
    return undefined;
  }
}

/** Opens a connection for HTTP/2. TLS errors are emitted as `error` on the socket. */
export async function connectHttp2(proxies: Proxies, url: URL): Promise<TLSSocket> {
  const proxy = proxyFor(proxies, url);
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  return connect({
    host,
    port: Number(url.port || 443),
    ...(isIP(host) ? {} : { servername: host }),
    ...(proxy !== undefined && { socket: await openTunnel(proxy, authority(url)) }),
    ALPNProtocols: ['h2'],
  });
}

function secureUrl(host: string, port: number | string): URL {
  return new URL(`https://${host.includes(':') ? `[${host}]` : host}:${port}`);
}

function authority({ hostname, port }: URL): string {
  return `${hostname}:${port || 443}`;
}
