import { once } from 'node:events';
import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { urlToHttpOptions } from 'node:url';
import { proxyHeaders } from '@agentteam/notify/proxies';
import { http } from '../node-http.ts';

const PATIENCE_MS = 60_000;

/** A proxy that does not let us through. */
export class ProxyError extends Error {
  override readonly name: string = 'ProxyError';
  /** What it answered; undefined: nothing. */
  readonly status: number | undefined;

  constructor(message: string, status?: number) {
    super(message);
    this.status = status;
  }
}

/**
 * Opens a way through a proxy by CONNECT.
 * @param authority `host:port` of the upstream.
 * @throws ProxyError for any answer but 200; a connection error of the proxy's.
 */
export async function openTunnel(proxy: URL, authority: string): Promise<Socket> {
  const { request } = proxy.protocol === 'https:' ? await import('node:https') : http;
  const call: ClientRequest = request({
    ...urlToHttpOptions(proxy),
    auth: null,
    agent: false,
    method: 'CONNECT',
    path: authority,
    headers: { host: authority, ...proxyHeaders(proxy) },
    timeout: PATIENCE_MS,
  });
  call.on('timeout', () => call.destroy(new ProxyError('the proxy does not answer')));
  call.end();
  const [{ statusCode }, socket] = (await once(call, 'connect')) as [IncomingMessage, Socket];
  if (statusCode === 200) return socket;
  socket.destroy();
  throw new ProxyError(`the proxy answered ${statusCode}`, statusCode);
}
