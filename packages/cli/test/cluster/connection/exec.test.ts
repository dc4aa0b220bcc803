import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterEach, expect, test } from '@jest/globals';
import { KubeConfig } from '@kubernetes/client-node';
import { execInPod } from '../../../src/cluster/connection/exec.ts';
import { ExecSession } from '../../../src/cluster/connection/exec-session.ts';

// An agent's container may contain any program in place of the one that is run in it.
let server: Server;
afterEach(() => void server.close());

const [STDOUT, STATUS] = [1, 3];

/** A message of the protocol of `exec` (v4.channel.k8s.io), as a binary WebSocket frame of a server. */
function frame(channel: number, content: Buffer | string): Buffer {
  const payload = Buffer.concat([Buffer.from([channel]), Buffer.from(content)]);
  const head = Buffer.alloc(10);
  head[0] = 0x82;
  head[1] = 127;
  head.writeBigUInt64BE(BigInt(payload.length), 2);
  return Buffer.concat([head, payload]);
}

/** An API server whose container does what the test says. */
async function serve(run: (socket: Duplex) => void) {
  server = createServer((_, response) => response.writeHead(403).end());
  server.on('upgrade', (request, socket) => {
    const accept = createHash('sha1')
      .update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
      .digest('base64');
    const protocol = String(request.headers['sec-websocket-protocol']).split(',')[0];
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\nSec-WebSocket-Protocol: ${protocol}\r\n\r\n`,
    );
    socket.on('error', () => {});
    socket.on('end', () => socket.end()).resume();
    run(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const config = new KubeConfig();
  config.loadFromClusterAndUser({ name: 'c', server: url, skipTLSVerify: true }, { name: 'u' });
  return { config, server: url, namespace: 'default' };
}

/** What a container writes at most, so that a reader without a limit fails this test with memory to spare. */
const FLOOD_BYTES = 32 * 1024 * 1024;

/** A container that writes as long as somebody reads. */
const flood = (bytes: number, onClose: () => void) => (socket: Duplex) => {
  const more = Buffer.alloc(bytes);
  let left = FLOOD_BYTES / bytes;
  const write = () => {
    while (left > 0 && !socket.destroyed) {
      left -= 1;
      if (!socket.write(frame(STDOUT, more))) return;
    }
    if (left === 0) socket.write(frame(STATUS, JSON.stringify({ status: 'Success' })));
  };
  socket.on('drain', write).on('close', onClose);
  write();
};

const COMMAND = { pod: 'crew-lead-1', container: 'main', command: ['tail'] };
const { signal } = new AbortController();

test('the output of a command is read', async () => {
  const connection = await serve((socket) => {
    socket.write(frame(STDOUT, 'one '));
    socket.write(frame(STDOUT, 'two'));
    socket.write(frame(STATUS, JSON.stringify({ status: 'Success' })));
  });
  expect(await execInPod(connection, COMMAND, signal)).toBe('one two');
});

test('a command that never ends is left', async () => {
  const closed = Promise.withResolvers<void>();
  const connection = await serve((socket) => socket.on('close', () => closed.resolve()));
  await expect(execInPod(connection, COMMAND, signal, { withinMs: 50 })).rejects.toThrow(
    'crew-lead-1 has not answered for 0.05 seconds',
  );
  await closed.promise;
});

test('a command that writes without end is left', async () => {
  const closed = Promise.withResolvers<void>();
  const connection = await serve(flood(65_536, closed.resolve));
  await expect(execInPod(connection, COMMAND, signal, { maxBytes: 1_000_000 })).rejects.toThrow(
    'the output of crew-lead-1 is too large',
  );
  await closed.promise;
});

test('a person without the right learns which one', async () => {
  const connection = await serve(() => {});
  server.removeAllListeners('upgrade').on('upgrade', (_, socket: Duplex) => {
    socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n');
  });
  await expect(execInPod(connection, COMMAND, signal)).rejects.toMatchObject({
    message: 'you may not run commands in this pod (pods/exec)',
    cause: { code: 403 },
  });
});

test('a session whose other side answers what nobody asked for is left', async () => {
  const closed = Promise.withResolvers<void>();
  const connection = await serve(flood(1_048_576, closed.resolve));
  const session = await ExecSession.open(connection, COMMAND);
  await expect(session.line(100)).rejects.toThrow('the reply is too long');
  await closed.promise;
});
