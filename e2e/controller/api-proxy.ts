import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { parse } from 'yaml';

/** Handles a request. `pass` forwards it; the reply is sent back unless `take` consumes it. */
export type RequestHandler = (
  from: IncomingMessage,
  to: ServerResponse,
  pass: (take?: (answer: IncomingMessage) => void) => void,
) => void;

/** A proxy between a client and the API server, through which a test can inject faults. */
export class ApiProxy {
  /** A kubeconfig that uses the proxy. */
  readonly kubeconfig: string;
  readonly #server: Server;
  readonly #target: string;
  handle: RequestHandler = (_from, _to, pass) => pass();

  private constructor(server: Server, kubeconfig: string, target: string) {
    this.#server = server;
    this.#target = target;
    this.kubeconfig = kubeconfig;
    server.on('request', (from: IncomingMessage, to: ServerResponse) =>
      this.handle(from, to, (take) => this.#pass(from, to, take)),
    );
  }

  static async start(kubeconfig: string): Promise<ApiProxy> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const config = parse(readFileSync(kubeconfig, 'utf8'));
    const [{ cluster }] = config.clusters;
    const target = cluster.server as string;
    cluster.server = `http://127.0.0.1:${port}`;
    const path = `${kubeconfig}.proxy-${port}`;
    writeFileSync(path, JSON.stringify(config));
    return new ApiProxy(server, path, target);
  }

  /** Breaks every open connection. */
  drop(): void {
    this.#server.closeAllConnections();
  }

  async close(): Promise<void> {
    this.#server.close();
    this.drop();
    await once(this.#server, 'close');
  }

  #pass(
    from: IncomingMessage,
    to: ServerResponse,
    take = (answer: IncomingMessage): void => {
      to.writeHead(answer.statusCode ?? 502, answer.headers);
      to.flushHeaders();
      answer.pipe(to);
    },
  ): void {
    const onward = request(
      `${this.#target}${from.url}`,
      {
        method: from.method,
        headers: from.headers,
        // The test server's certificate is self-signed.
        rejectUnauthorized: false,
      },
      take,
    );
    onward.on('error', () => to.destroy());
    to.on('close', () => onward.destroy());
    from.pipe(onward);
  }
}

/** Whether the server receives a write before the connection is cut. */
export interface Cut {
  /** Number of the write, from 1. */
  readonly write: number;
  readonly when: 'before' | 'after';
}

const READS = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Counts writes and cuts the connection at one of them, so that the client does not learn whether it
 * succeeded.
 * @returns the writes so far, as method and path, and a promise that resolves after the cut.
 */
export function cutAt(proxy: ApiProxy, cut?: Cut) {
  const writes: string[] = [];
  const made = Promise.withResolvers<void>();
  proxy.handle = (from, to, pass) => {
    const isWrite = !READS.has(from.method ?? '');
    if (isWrite) writes.push(`${from.method} ${from.url?.split('?')[0]}`);
    const end = () => {
      to.socket?.destroy();
      made.resolve();
    };
    if (!isWrite || writes.length !== cut?.write) pass();
    else if (cut.when === 'before') end();
    else {
      pass((answer) => {
        answer.resume();
        end();
      });
    }
  };
  return { writes, made: made.promise };
}
