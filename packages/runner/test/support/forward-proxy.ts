import { once } from 'node:events';
import { createServer, type RequestListener, request, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';

export interface ForwardProxy {
  readonly port: number;
  /** Requested targets with their credentials, without those that got 407. */
  readonly asked: string[];
  close(): Promise<void>;
}

export interface ForwardProxyOptions {
  /** A status other than 200 to give without connecting. */
  readonly status?: number;
  /** `user:password`; without it, the proxy answers 407. */
  readonly demands?: string;
  /** For a proxy that is reached over TLS. */
  readonly identity?: { readonly key: string | Buffer; readonly cert: string | Buffer };
}

const QUESTION = [
  'Proxy-Authenticate: Basic realm="company"',
  'Connection: close',
  'Content-Length: 0',
].join('\r\n');

/**
 * A company's proxy, like one for curl's `-x`: `CONNECT`, and plain requests with a whole URL.
 * @param behind port on loopback that stands for the requested host.
 */
export async function serveProxy(
  behind: (host: string) => number,
  { status = 200, demands, identity }: ForwardProxyOptions = {},
): Promise<ForwardProxy> {
  const asked: string[] = [];
  const note = (target = '', { 'proxy-authorization': credential = '' }) =>
    asked.push(`${target} ${credential}`.trim());
  const plain: RequestListener = (from, to) => {
    note(from.url, from.headers);
    if (status !== 200) return to.writeHead(status).end();
    const { hostname, pathname, search } = new URL(from.url ?? '');
    const { method, headers } = from;
    const port = behind(hostname);
    from.pipe(
      request({ host: '127.0.0.1', port, method, path: pathname + search, headers }, (answer) => {
        to.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(to);
      }),
    );
  };
  const server: Server = identity ? createTlsServer(identity, plain) : createServer(plain);
  const demanded = demands && `Basic ${Buffer.from(demands).toString('base64')}`;
  // Tunnels are no longer among the server's connections.
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('connect', ({ url = '', headers }, client) => {
    const lacks = demanded !== undefined && headers['proxy-authorization'] !== demanded;
    if (lacks) return client.end(`HTTP/1.1 407 No\r\n${QUESTION}\r\n\r\n`);
    note(url, headers);
    if (status !== 200) return client.end(`HTTP/1.1 ${status} No\r\n\r\n`);
    const upstream = connect(behind(url.replace(/:[0-9]+$/, '')), '127.0.0.1', () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      upstream.pipe(client).pipe(upstream);
    });
    upstream.on('error', () => client.destroy());
    client.on('error', () => upstream.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
