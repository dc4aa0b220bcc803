import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect, type LookupFunction, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type Proxies, proxyFor } from '@agentteam/notify/proxies';
import { sendApiError } from '../http/api-error.ts';
import { endToEnd } from '../http/headers.ts';
import { http } from '../http/node-http.ts';
import type { Logger } from '../log.ts';
import type { Metrics } from '../status/metrics.ts';
import { openTunnel, ProxyError } from '../upstream/tunnel.ts';
import { hostOf, isApiHost, leadsToApi, portOf } from './messages-api.ts';
import { type Address, DestinationError, type Reach, reachable } from './reach.ts';

/** Enough for package managers. Each connection takes two file descriptors of the gateway. */
const MAX_CONNECTIONS = 128;
const CONNECT_MS = 60_000;

export interface OutboundProxyOptions {
  readonly reach: Reach;
  /** This machine's own proxies, which connections are forwarded to. */
  readonly proxies: Proxies;
  /** Base URL of the Messages API behind the gateway. */
  readonly upstream: URL;
  readonly metrics: Metrics;
  readonly log: Logger;
}

/**
 * The HTTP proxy through which an agent's network namespace reaches other hosts. It opens tunnels
 * (CONNECT) and forwards plain HTTP, to the public internet and the destinations of `reach`, but never
 * to this machine.
 */
export class OutboundProxy {
  readonly #options: OutboundProxyOptions;
  readonly #open: Set<Duplex> = new Set();
  /** Number of connections, including those that are being opened. */
  #connections = 0;

  constructor(options: OutboundProxyOptions) {
    this.#options = options;
  }

  /** `CONNECT host:port`. Never throws. */
  async tunnel(request: IncomingMessage, inside: Duplex, head: Buffer): Promise<void> {
    inside.on('error', () => inside.destroy());
    try {
      const outbound = await this.#connect(`https://${request.url ?? ''}`);
      inside.write('HTTP/1.1 200 Connection established\r\n\r\n');
      outbound.write(head);
      inside.pipe(outbound).pipe(inside);
      inside.once('close', () => outbound.destroy());
      outbound.once('close', () => inside.destroy());
      if (inside.destroyed) outbound.destroy();
    } catch (error) {
      const [status, message] = this.#refusal(error);
      const reason = http.STATUS_CODES[status];
      const length = Buffer.byteLength(message);
      inside.end(
        `HTTP/1.1 ${status} ${reason}\r\nContent-Type: text/plain\r\nContent-Length: ${length}\r\nConnection: close\r\n\r\n${message}`,
      );
    }
  }

  /** `GET http://host/path`. Never throws. */
  async forward(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const url = new URL(request.url ?? '');
      const outbound = await this.#connect(url.href);
      const call = http.request({
        createConnection: () => outbound,
        method: request.method ?? 'GET',
        path: `${url.pathname}${url.search}`,
        headers: { ...endToEnd(request.headers), host: url.host, connection: 'close' },
      });
      request.pipe(call);
      response.once('close', () => outbound.destroy());
      call.on('error', () => response.destroy());
      const [reply] = (await once(call, 'response')) as [IncomingMessage];
      reply.on('error', () => response.destroy());
      response.writeHead(reply.statusCode ?? 502, endToEnd(reply.headers));
      reply.pipe(response);
    } catch (error) {
      if (response.headersSent) {
        response.destroy();
        return;
      }
      const [status, message] = this.#refusal(error);
      sendApiError(response, { status, type: 'permission_error', message, retry: false });
    }
  }

  /** Closes all connections. */
  close(): void {
    for (const connection of this.#open) connection.destroy();
  }

  async #connect(text: string): Promise<Socket> {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (url === undefined || url.username !== '' || url.password !== '') {
      throw new DestinationError('the request does not name a valid host');
    }
    const host = hostOf(url);
    if (isApiHost(host, this.#options.upstream)) throw bypassesGateway(host);
    if (this.#connections >= MAX_CONNECTIONS) {
      throw new DestinationError(`an agent can have at most ${MAX_CONNECTIONS} open connections`);
    }
    this.#connections += 1;
    try {
      const socket = await this.#connectTo(host, url);
      this.#open.add(socket);
      socket.on('error', () => socket.destroy());
      socket.once('close', () => {
        this.#connections -= 1;
        this.#open.delete(socket);
      });
      return socket;
    } catch (error) {
      this.#connections -= 1;
      throw error;
    }
  }

  async #connectTo(host: string, url: URL): Promise<Socket> {
    const { reach, proxies, upstream } = this.#options;
    const proxy = proxyFor(proxies, url);
    // The machine's proxy may resolve names that cannot be resolved here.
    const addresses = await reachable(host, reach).catch((error: unknown) => {
      if (proxy === undefined || error instanceof DestinationError) throw error;
      return [];
    });
    const port = portOf(url);
    if (await leadsToApi(port, addresses, upstream)) throw bypassesGateway(host);
    return proxy === undefined
      ? connectTo(host, Number(port), addresses)
      : openTunnel(proxy, `${url.hostname}:${port}`);
  }

  /** The error that the agent gets. Refusals are also logged and counted. */
  #refusal(error: unknown): readonly [status: number, message: string] {
    const { log, metrics } = this.#options;
    if (error instanceof DestinationError) {
      metrics.refused('destination');
      log.warn({ event: 'refused', reason: 'destination' });
      return [403, error.message];
    }
    const { code } = error as NodeJS.ErrnoException;
    const reason = error instanceof ProxyError ? error.message : (code ?? 'unknown error');
    return [502, `the connection failed: ${reason}`];
  }
}

/** The Messages API may only be used through the gateway's routes, which count its cost. */
function bypassesGateway(host: string): DestinationError {
  return new DestinationError(`agents may only use ${host} through ANTHROPIC_BASE_URL`);
}

async function connectTo(
  host: string,
  port: number,
  addresses: readonly Address[],
): Promise<Socket> {
  const [first] = addresses;
  const known: LookupFunction = (_host, { all }, done) => {
    if (all) done(null, [...addresses]);
    else done(null, first?.address ?? '', first?.family);
  };
  const socket = connect({ host, port, lookup: known });
  await once(socket, 'connect', { signal: AbortSignal.timeout(CONNECT_MS) }).catch(
    (error: unknown) => {
      socket.destroy();
      throw error;
    },
  );
  return socket;
}
