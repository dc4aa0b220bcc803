import type { Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { afterEach, expect, test } from '@jest/globals';
import { execInPod } from '../../../src/cluster/connection/exec.ts';
import { ExecSession } from '../../../src/cluster/connection/exec-session.ts';
import { frame, STATUS, STDOUT, serveExec } from './exec-server.ts';

// An agent's container may contain any program in place of the one that is run in it.
let server: Server;
afterEach(() => void server.close());

/** An API server whose container does what the test says. */
async function serve(run: (socket: Duplex) => void) {
  const served = await serveExec(run);
  server = served.server;
  return served.connection;
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

test.each([{ maxBytes: 1_000_000 }, {}])(
  'a command that writes without end is left: %j',
  async (limits) => {
    const closed = Promise.withResolvers<void>();
    const connection = await serve(flood(65_536, closed.resolve));
    await expect(execInPod(connection, COMMAND, signal, limits)).rejects.toThrow(
      'the output of crew-lead-1 is too large',
    );
    await closed.promise;
  },
);

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
