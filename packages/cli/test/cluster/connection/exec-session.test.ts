import { expect, test } from '@jest/globals';
import { ExecSession } from '../../../src/cluster/connection/exec-session.ts';
import { frame, STDOUT, serveExec } from './exec-server.ts';

const STDERR = 2;
const POD = { pod: 'crew-lead-1', container: 'gateway', command: ['share'] };

/** Opens a command that writes a byte in each message, again and again. */
async function flooded(channel: number) {
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  const many = Buffer.concat(Array.from({ length: 1_000 }, () => frame(channel, 'x')));
  const { server, connection } = await serveExec((socket) => {
    const pump = (): void => {
      while (!socket.destroyed && socket.write(many));
    };
    socket.on('drain', pump);
    // It is closed by a reset, which an event of its own reports first.
    socket.on('close', () => resolve());
    pump();
  });
  const session = await ExecSession.open(connection, POD);
  return { server, session, closed };
}

test.each([
  ['output that nobody reads', STDOUT],
  ['error output', STDERR],
])(
  'a pod that sends endless %s, a byte in each message, loses its connection',
  async (_, channel) => {
    const { server, session, closed } = await flooded(channel);
    await closed;
    server.close();
    await expect(session.bytes(1_000_000)).rejects.toThrow('the pod sends too many small parts');
  },
);
