import { once } from 'node:events';
import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { urlToHttpOptions } from 'node:url';
import { proxyHeaders } from '@agentteam/notify/proxies';
import { http } from '../http/node-http.ts';

const TIMEOUT_MS = 60_000;

/** A proxy refused to forward a request. */
export class ProxyError extends Error {
  override readonly name: string = 'ProxyError';
  /** HTTP status of its answer; `undefined` when there was none. */
  readonly status: number | undefined;

  constructor(message: string, status?: number) {
    super(message);
    this.status = status;
  }
}

/**
 * Opens a tunnel through a proxy with CONNECT.
 * @param authority `host:port` of the upstream.
 * @throws ProxyError for any answer but 200, and a system error when the proxy cannot be reached.
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
    timeout: TIMEOUT_MS,
  });
  call.on('timeout', () => call.destroy(new ProxyError('the proxy does not answer')));
  call.end();
  const [{ statusCode }, socket] = (await once(call, 'connect')) as [IncomingMessage, Socket];
  if (statusCode === 200) return socket;
  socket.destroy();
  throw new ProxyError(`the proxy answered ${statusCode}`, statusCode);
}
