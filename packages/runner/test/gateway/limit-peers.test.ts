import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect, test } from '@jest/globals';
import { start } from './setting.ts';
import { atEnd } from './team.ts';

test('a program of the pod can hold only some connections of the port for figures', async () => {
  const { address } = await start();
  const { port, hostname } = new URL(address.statusUrl ?? '');
  const open = async (localAddress: string): Promise<Socket> => {
    const socket = connect({ port: Number(port), host: hostname, localAddress });
    atEnd(async () => socket.destroy());
    socket.on('error', () => {});
    await once(socket, 'connect');
    return socket;
  };
  // Linux has many addresses of loopback.
  const held = await Promise.all(
    Array.from({ length: 16 }, (_, index) => open(`127.0.0.${1 + (index % 4)}`)),
  );
  const refused = await open('127.0.0.9');
  await once(refused, 'close');
  const [first] = held;
  first?.destroy();
  for (const socket of held.slice(1)) expect(socket.destroyed).toBe(false);
});
