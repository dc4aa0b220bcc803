import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { PATHS } from '@agentteam/contract';
import { expect, test } from '@jest/globals';
import { holdGateway } from '../../src/agent/held-gateway.ts';
import { HOLD_PATH } from '../../src/gateway/hold.ts';
import { never } from '../support/team.ts';
import { launch, type Process } from './gateway-process.ts';
import { api, team } from './setting.ts';
import { environment } from './team.ts';

async function ask({ address }: Process, token: string): Promise<IncomingMessage> {
  const asked = request(`${address.url}${HOLD_PATH}`, {
    agent: false,
    headers: { 'x-api-key': token },
  });
  asked.end();
  const [reply] = (await once(asked, 'response')) as [IncomingMessage];
  reply.on('error', () => {});
  return reply;
}

test.each(['SIGKILL', 'SIGTERM'] as const)(
  'a gateway that ends by %s is lost to who holds it',
  async (signal) => {
    const gateway = await launch(team, environment(team, api.url));
    const held = await holdGateway(`${team.root}${PATHS.gateway}`, {}, never);
    expect(held.address).toEqual(gateway.address);
    expect(held.lost.aborted).toBe(false);
    const lost = once(held.lost, 'abort');
    gateway.child.kill(signal);
    await lost;
  },
);

test('one that was let go of is not lost', async () => {
  const gateway = await launch(team, environment(team, api.url));
  const held = await holdGateway(`${team.root}${PATHS.gateway}`, {}, never);
  held.release();
  await gateway.stop();
  expect(held.lost.aborted).toBe(false);
});

test('only who has its token holds a gateway, and not without number', async () => {
  const gateway = await launch(team, environment(team, api.url));
  const stranger = await ask(gateway, 'guessed');
  expect(stranger.statusCode).toBe(401);
  const held = await Promise.all(
    Array.from({ length: 20 }, () => ask(gateway, gateway.address.token)),
  );
  const statuses = held.map(({ statusCode }) => statusCode);
  expect(statuses.filter((status) => status === 200)).toHaveLength(8);
  expect(statuses.filter((status) => status === 429)).toHaveLength(12);
  // They do not keep it from ending in good order.
  await gateway.stop();
});

test('what listens in the place of a gateway that has ended is not taken for it', async () => {
  const gateway = await launch(team, environment(team, api.url));
  const held = await holdGateway(`${team.root}${PATHS.gateway}`, {}, never);
  const lost = once(held.lost, 'abort');
  gateway.child.kill('SIGKILL');
  await lost;
  // Its address still lies there: it opens nothing.
  await expect(holdGateway(`${team.root}${PATHS.gateway}`, {}, never)).rejects.toThrow(
    'does not serve',
  );
});
