import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { makeCertificate } from '../../../runner/test/support/certificate.ts';
import { serveAdmission } from '../../src/admission/serve.ts';

/** The largest request: one address has room for two of them. */
const LARGE = 8 << 20;

let directory: string;
let end: AbortController;
let port: number;
const sockets: TLSSocket[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'webhook-'));
  const { key, cert } = await makeCertificate();
  await writeFile(join(directory, 'tls.key'), key);
  await writeFile(join(directory, 'tls.crt'), cert);
  end = new AbortController();
  const handlers = {
    '/validate': () => ({ allowed: true }) as const,
  };
  const log = pino({ level: 'silent' });
  const config = { port: 0, certificateDirectory: directory };
  const server = await serveAdmission(config, handlers, log, end.signal);
  ({ port } = server.address() as AddressInfo);
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  end.abort();
  await rm(directory, { recursive: true });
});

async function open(): Promise<TLSSocket> {
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
  sockets.push(socket);
  socket.on('error', () => {});
  await once(socket, 'secureConnect');
  return socket;
}

/** Resolves when a connection is closed, also if the server resets it: `once` would reject then. */
function closeOf(socket: TLSSocket): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()));
}

function post(length: number | string): string {
  return `POST /validate HTTP/1.1\r\nHost: webhook\r\nContent-Length: ${length}\r\n\r\n`;
}

/** Sends a request and returns its reply's first line. */
async function ask(text: string): Promise<string> {
  const socket = await open();
  socket.write(text);
  const [reply] = await once(socket, 'data');
  return String(reply).split('\r\n')[0] ?? '';
}

const review = JSON.stringify({ request: { uid: 'u' } });
const small = `${post(review.length)}${review}`;

test('large requests from one address are not in memory together', async () => {
  const part = Buffer.alloc(LARGE - 1, ' ');
  const slow = await Promise.all(Array.from({ length: 16 }, open));
  const closed = Promise.race(slow.map((socket) => closeOf(socket)));
  for (const socket of slow) {
    socket.write(post(LARGE));
    socket.write(part);
  }
  // Two of them have all the room of their address. They are ended, because they do not send the rest.
  await closed;
  expect(process.memoryUsage().arrayBuffers).toBeLessThan(8 * LARGE);
  for (const socket of slow) socket.destroy();
  expect(await ask(small)).toBe('HTTP/1.1 200 OK');
});

test.each([
  [
    'does not say how long it is',
    post('x').replace(/Content-Length.*/, 'Transfer-Encoding: chunked'),
  ],
  ['is too long', post(LARGE + 1)],
  ['is not JSON', `${post(1)}{`],
  ['is nested deeply', `${post(1000)}${'['.repeat(1000)}`],
  ['has very many values', `${post(2_000_001)}[${'{},'.repeat(666_666)}{}`.slice(0, 2_000_100)],
])('a request that %s is refused', async (_, text) => {
  expect(await ask(text)).toBe('HTTP/1.1 400 Bad Request');
  expect(await ask(small)).toBe('HTTP/1.1 200 OK');
});

test('a connection may ask again when it has its answer', async () => {
  const socket = await open();
  for (const _ of [1, 2, 3]) {
    socket.write(small);
    const [reply] = await once(socket, 'data');
    expect(String(reply)).toContain('HTTP/1.1 200 OK');
  }
});
