import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { KubeConfig } from '@kubernetes/client-node';
import { Connection } from '../../src/kube/connection.ts';
import { AnswerTooLarge, KubeError, retryAfterOf } from '../../src/kube/kube-error.ts';

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  }
});

/** Starts a server whose URL has a path, as that of some clusters does. */
async function serve(answer: RequestListener, token = 'first') {
  const sockets = new Set<Socket>();
  const server = createServer((from, to) => {
    sockets.add(from.socket);
    answer(from, to);
  }).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const config = new KubeConfig();
  config.loadFromOptions({
    // The client library requires this for plain HTTP.
    clusters: [{ name: 'c', server: `http://127.0.0.1:${port}/clusters/c/`, skipTLSVerify: true }],
    users: [{ name: 'u', token }],
    contexts: [{ name: 'c', cluster: 'c', user: 'u' }],
    currentContext: 'c',
  });
  return { connection: new Connection(config), config, sockets };
}

test('sends requests under the path of the server, with credentials, over one connection', async () => {
  const { connection, sockets } = await serve((from, to) => {
    let body = '';
    from.on('data', (chunk) => {
      body += chunk;
    });
    from.on('end', () => {
      const { authorization, 'content-type': type } = from.headers;
      to.end(JSON.stringify({ url: from.url, authorization, type, body }));
    });
  });
  expect(
    await connection.send({
      method: 'PATCH',
      path: '/api/v1?a=b',
      body: { é: 1 },
      contentType: 't',
    }),
  ).toEqual({
    url: '/clusters/c/api/v1?a=b',
    authorization: 'Bearer first',
    type: 't',
    body: '{"é":1}',
  });
  await connection.send({ method: 'GET', path: '/api/v1' });
  expect(sockets.size).toBe(1);
});

test('aborts a pending request with its signal', async () => {
  const stop = new AbortController();
  const { connection } = await serve(() => stop.abort(new Error('stopped')));
  const asked = connection.send({ method: 'GET', path: '/', signal: stop.signal });
  await expect(asked).rejects.toThrow('stopped');
  const again = connection.send({ method: 'GET', path: '/', signal: stop.signal });
  await expect(again).rejects.toThrow('stopped');
});

test('reports the status and the message of a refusal', async () => {
  const { connection } = await serve((from, to) => {
    to.writeHead(409).end(from.url?.endsWith('/status') ? '{"message":"changed"}' : 'Bad Gateway');
  });
  const refused = async (path: string) => connection.send({ method: 'GET', path }).catch((e) => e);
  expect(await refused('/status')).toEqual(new KubeError(409, '{"message":"changed"}'));
  expect(await refused('/status')).toMatchObject({ code: 409, message: 'changed' });
  expect(await refused('/proxy')).toMatchObject({ code: 409, message: 'Bad Gateway' });
});

test('gets new credentials after a 401', async () => {
  const { connection, config } = await serve((from, to) => {
    const known = from.headers.authorization === 'Bearer second';
    to.writeHead(known ? 200 : 401).end('{}');
  });
  const call = { method: 'GET', path: '/' } as const;
  await expect(connection.send(call)).rejects.toMatchObject({ code: 401 });
  config.users = [{ name: 'u', token: 'second' }];
  expect(await connection.send(call)).toEqual({});
});

test('gives up on a server that does not reply', async () => {
  const { connection } = await serve(() => {});
  const call = { method: 'GET', path: '/', withinMs: 50 } as const;
  await expect(connection.send(call)).rejects.toThrow('GET /: no reply within 50 ms');
});

test('a stream ends when the connection breaks, the server is silent, or the signal aborts', async () => {
  const { connection } = await serve((from, to) => {
    to.write('{"n":1}\n{"n"', () => from.url?.endsWith('/break') && to.destroy());
  });
  const read = async (path: string, silentMs: number, signal: AbortSignal) => {
    const lines: string[] = [];
    for await (const line of connection.lines(path, silentMs, signal)) lines.push(line);
    return lines;
  };
  const never = new AbortController().signal;
  expect(await read('/break', 60_000, never)).toEqual(['{"n":1}']);
  expect(await read('/silent', 2_000, never)).toEqual(['{"n":1}']);
  const stop = new AbortController();
  const lines = connection.lines('/stop', 60_000, stop.signal);
  expect(await lines.next()).toEqual({ done: false, value: '{"n":1}' });
  stop.abort();
  expect(await lines.next()).toEqual({ done: true, value: undefined });
});

test('a refused stream throws the refusal', async () => {
  const { connection } = await serve((_from, to) => to.writeHead(410).end('{"message":"too old"}'));
  const lines = connection.lines('/watch', 60_000, new AbortController().signal);
  await expect(lines.next()).rejects.toMatchObject({ code: 410, message: 'too old' });
});

test('stops reading a reply at its limit', async () => {
  let sent = 0;
  const { connection } = await serve((_from, to) => {
    const more = () => {
      while (!to.destroyed && to.write(Buffer.alloc(1 << 16, '1'))) sent += 1;
      if (!to.destroyed) to.once('drain', more);
    };
    more();
  });
  const call = { method: 'GET', path: '/', maxBytes: 1 << 20 } as const;
  await expect(connection.bytes(call)).rejects.toThrow(AnswerTooLarge);
  expect(sent << 16).toBeLessThan(64 << 20);
});

test('gives up on a reply that arrives too slowly', async () => {
  const { connection } = await serve((_from, to) => {
    const drip = setInterval(() => to.write(' '), 5);
    to.once('close', () => clearInterval(drip));
  });
  const call = { method: 'GET', path: '/', withinMs: 80 } as const;
  await expect(connection.send(call)).rejects.toThrow();
});

test.each(['<html>', '{"items":[{"metadata"', ''])('%j is not a valid reply', async (body) => {
  const { connection } = await serve((_from, to) => to.end(body));
  const call = { method: 'GET', path: '/x' } as const;
  await expect(connection.send(call)).rejects.toThrow('GET /x: the reply is not JSON');
});

test.each([
  ['7', 7_000],
  ['999999', 120_000],
  ['soon', undefined],
])('Retry-After: %s means a delay of %s ms', async (header, ms) => {
  const { connection } = await serve((_from, to) => {
    to.writeHead(429, { 'retry-after': header }).end('{"message":"slow down"}');
  });
  const refused = await connection.send({ method: 'GET', path: '/' }).catch((error) => error);
  expect(retryAfterOf(refused)).toBe(ms);
});
