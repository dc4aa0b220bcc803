import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { answerPeers } from '../src/index.ts';

const GET = 'GET / HTTP/1.1\r\nHost: here\r\n\r\n';

let server: Server;
let asked: number;
/** The response of the latest request, which the test ends. */
let next: PromiseWithResolvers<ServerResponse>;

beforeEach(async () => {
  asked = 0;
  next = Promise.withResolvers();
  server = createServer();
  answerPeers(server, { each: 2, all: 100 }, (_, response) => {
    asked += 1;
    next.resolve(response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

async function open(): Promise<Socket> {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

/** Resolves when a connection is closed, also if the server resets it: `once` would reject then. */
function closeOf(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()));
}

/** Answers the next request. */
async function answer(): Promise<void> {
  const response = await next.promise;
  next = Promise.withResolvers();
  response.end('answered');
}

test('a connection that asks again before it has an answer is closed', async () => {
  const socket = await open();
  const closed = closeOf(socket);
  socket.write(GET.repeat(50));
  await next.promise;
  // The parser reads the other requests before it lets anything else happen.
  await new Promise((resolve) => setImmediate(resolve));
  expect(asked).toBe(1);
  await closed;
});

test('a connection may ask again when it has its answer', async () => {
  const socket = await open();
  for (const _ of [1, 2, 3]) {
    socket.write(GET);
    await answer();
    const [reply] = await once(socket, 'data');
    expect(String(reply)).toContain('answered');
  }
  expect(asked).toBe(3);
  socket.destroy();
});

test('a peer has a limited number of connections', async () => {
  const first = await open();
  const second = await open();
  await closeOf(await open());
  first.destroy();
  second.destroy();
});
