import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect, isIP, type LookupFunction, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type Proxies, proxyFor } from '@agentteam/notify/proxies';
import { sendApiError } from '../api-error.ts';
import { endToEnd } from '../headers.ts';
import type { Logger } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import { http } from '../node-http.ts';
import { openTunnel, ProxyError } from '../upstream/tunnel.ts';
import { type Address, DestinationError, type Reach, reachable } from './reach.ts';

/** More than package managers open; each takes two descriptors of the process that counts the money. */
const MOST_CONNECTIONS = 128;
const CONNECT_MS = 60_000;

/** The host of the Messages API: reached through the gateway's own routes alone, where it is counted. */
const API_HOST = 'api.anthropic.com';

export interface OutsideOptions {
  readonly reach: Reach;
  /** Those of this machine, for connections that go on through them. */
  readonly proxies: Proxies;
  /** Base URL of the Messages API behind the gateway. */
  readonly upstream: URL;
  readonly metrics: Metrics;
  readonly log: Logger;
}

/**
 * The way out of an agent's own network namespace: an HTTP proxy. It opens tunnels (CONNECT) and passes
 * plain HTTP on, to the public internet and to what `reach` adds; never to this machine.
 */
export class Outside {
  readonly #options: OutsideOptions;
  readonly #open: Set<Duplex> = new Set();
  /** Those that are being opened, too. */
  #connections = 0;

  constructor(options: OutsideOptions) {
    this.#options = options;
  }

  /** `CONNECT host:port`. Never throws. */
  async tunnel(request: IncomingMessage, inside: Duplex, head: Buffer): Promise<void> {
    inside.on('error', () => inside.destroy());
    try {
      const outside = await this.#connect(`https://${request.url ?? ''}`);
      inside.write('HTTP/1.1 200 Connection established\r\n\r\n');
      outside.write(head);
      inside.pipe(outside).pipe(inside);
      inside.once('close', () => outside.destroy());
      outside.once('close', () => inside.destroy());
      if (inside.destroyed) outside.destroy();
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
      const outside = await this.#connect(url.href);
      const call = http.request({
        createConnection: () => outside,
        method: request.method ?? 'GET',
        path: `${url.pathname}${url.search}`,
        headers: { ...endToEnd(request.headers), host: url.host, connection: 'close' },
      });
      request.pipe(call);
      response.once('close', () => outside.destroy());
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

  /** Ends what is open: an agent that has ended has no use for it. */
  close(): void {
    for (const connection of this.#open) connection.destroy();
  }

  async #connect(text: string): Promise<Socket> {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (url === undefined || url.username !== '' || url.password !== '') {
      throw new DestinationError('this is not the address of a server');
    }
    const host = url.hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.+$/, '');
    const isApi = host === API_HOST || host === this.#options.upstream.hostname;
    if (isApi && isIP(host) === 0) {
      throw new DestinationError(`agents reach ${host} through ANTHROPIC_BASE_URL alone`);
    }
    if (this.#connections >= MOST_CONNECTIONS) {
      throw new DestinationError(`an agent has at most ${MOST_CONNECTIONS} connections at once`);
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
    const { reach, proxies } = this.#options;
    const proxy = proxyFor(proxies, url);
    // A proxy may know names that are unknown here; what is known here is judged here.
    const addresses = await reachable(host, reach).catch((error: unknown) => {
      if (proxy === undefined || error instanceof DestinationError) throw error;
      return [];
    });
    const port = url.port || (url.protocol === 'https:' ? '443' : '80');
    return proxy === undefined
      ? connectTo(host, Number(port), addresses)
      : openTunnel(proxy, `${url.hostname}:${port}`);
  }

  /** What the agent is told; others are told that it tried. */
  #refusal(error: unknown): readonly [status: number, message: string] {
    const { log, metrics } = this.#options;
    if (error instanceof DestinationError) {
      metrics.refused('destination');
      log.warn({ event: 'refused', reason: 'destination' });
      return [403, error.message];
    }
    const { code } = error as NodeJS.ErrnoException;
    const why = error instanceof ProxyError ? error.message : (code ?? 'no connection');
    return [502, `no connection: ${why}`];
  }
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
