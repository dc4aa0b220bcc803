import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { limitPeers, type PeerLimits, peerOf } from '../src/limit-peers.ts';

const opened: Socket[] = [];
afterEach(() => {
  for (const socket of opened.splice(0)) socket.destroy();
});

/** Starts a server whose peers are its machine. @returns connects to it. */
async function limited(limits: Partial<PeerLimits> = {}) {
  const accepted: Socket[] = [];
  const server = createServer((socket) => {
    accepted.push(socket);
    opened.push(socket);
    socket.on('error', () => {}).pipe(socket);
  }).listen(0, '127.0.0.1');
  limitPeers(server, { each: 2, all: 100, ...limits });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const open = async (): Promise<Socket> => {
    const socket = connect(port, '127.0.0.1');
    opened.push(socket);
    socket.on('error', () => {});
    await once(socket, 'connect');
    return socket;
  };
  return { open, accepted, close: () => server.close() };
}

async function echoOf(socket: Socket): Promise<string> {
  socket.write('hello');
  const [bytes] = await once(socket, 'data');
  return String(bytes);
}

test('a peer has a limited number of connections, and can replace those that have ended', async () => {
  const { open, close, accepted } = await limited();
  const first = await open();
  await echoOf(first);
  await open();
  await once(await open(), 'close');
  first.destroy();
  await once(accepted[0] as Socket, 'close');
  expect(await echoOf(await open())).toBe('hello');
  close();
});

test('where there is no room for another connection, the peer with most of them loses its oldest', async () => {
  const { open, close, accepted } = await limited({ each: 10, all: 3 });
  const first = await open();
  await echoOf(first);
  const others = [await open(), await open(), await open()];
  await once(first, 'close');
  expect(await Promise.all(others.map(echoOf))).toEqual(['hello', 'hello', 'hello']);
  expect(accepted).toHaveLength(4);
  close();
});

test('a trusted peer has no limit', async () => {
  const { open, close } = await limited({ all: 2, isTrusted: (peer) => peer === 'own' });
  const all = [await open(), await open(), await open()];
  expect(await Promise.all(all.map(echoOf))).toEqual(['hello', 'hello', 'hello']);
  close();
});

test.each([
  [{ remoteAddress: '127.0.0.7', localAddress: '127.0.0.1' }, 'own'],
  [{ remoteAddress: '::ffff:127.0.0.1', localAddress: '::ffff:127.0.0.1' }, 'own'],
  [{ remoteAddress: '::1', localAddress: '::1' }, 'own'],
  [{ remoteAddress: '10.1.2.3', localAddress: '10.1.2.3' }, 'own'],
  [{ remoteAddress: '10.1.2.4', localAddress: '10.1.2.3' }, '10.1.2.4'],
])('%j is the peer %s', (socket, peer) => expect(peerOf(socket)).toBe(peer));
