import { once } from 'node:events';
import { createServer, type IncomingMessage, request } from 'node:http';
import { PATHS } from '@agentteam/contract';
import { afterEach, expect, test } from '@jest/globals';
import { type HeldGateway, holdGateway } from '../../src/agent/held-gateway.ts';
import { HOLD_PATH } from '../../src/step/gateway-access.ts';
import { never } from '../support/team.ts';
import { GatewayFailed, launch, launchAgain, type Process } from './gateway-process.ts';
import { api, team } from './setting.ts';
import { environment } from './team.ts';

const stages: string[] = [];
let ended: PromiseWithResolvers<void>;
let held: HeldGateway | undefined;
afterEach(() => {
  held?.release();
  stages.length = 0;
});

async function hold(): Promise<HeldGateway> {
  ended = Promise.withResolvers<void>();
  held = await holdGateway(`${team.root}${PATHS.gateway}`, {
    env: {},
    signal: never,
    onOutage: (stage) => {
      stages.push(stage);
      if (stage === 'ended') ended.resolve();
    },
  });
  return held;
}

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
  'the runner notices a gateway that ends by %s, and holds the restarted one',
  async (signal) => {
    const env = environment(team, api.url);
    const gateway = await launch(team, env);
    const { address, lost } = await hold();
    expect(address).toEqual(gateway.address);
    gateway.child.kill(signal);
    await ended.promise;
    expect(held?.outages).toBe(1);
    const again = await launchAgain(team, env);
    await held?.serving();
    expect(stages).toEqual(['ended', 'back']);
    expect(lost.aborted).toBe(false);
    // The agent keeps using the same address and token.
    expect(again.address).toMatchObject({ url: address.url, token: address.token });
    expect(again.address.instance).not.toBe(address.instance);
  },
);

test('a gateway that keeps ending is held each time', async () => {
  const env = environment(team, api.url);
  let gateway = await launch(team, env);
  await hold();
  for (const count of [1, 2, 3]) {
    const next = Promise.withResolvers<void>();
    ended = next;
    gateway.child.kill('SIGKILL');
    await next.promise;
    gateway = await launchAgain(team, env);
    await held?.serving();
    expect(held?.outages).toBe(count);
  }
});

test('a released gateway may end unnoticed', async () => {
  const gateway = await launch(team, environment(team, api.url));
  const { lost } = await hold();
  held?.release();
  await gateway.stop();
  expect(lost.aborted).toBe(false);
  expect(stages).toEqual([]);
});

test('a gateway that cannot start again is reported at once, with its own message', async () => {
  const env = environment(team, api.url);
  const gateway = await launch(team, env);
  const { lost } = await hold();
  const isLost = once(lost, 'abort');
  gateway.child.kill('SIGKILL');
  await ended.promise;
  const invalid = environment(team, 'ftp://nowhere');
  await expect(launchAgain(team, invalid)).rejects.toThrow(GatewayFailed);
  await isLost;
  expect(lost.reason.message).toMatch(
    /^the gateway exited and was restarted: the gateway cannot start: .*ftp:/,
  );
  await expect(held?.serving()).rejects.toBe(lost.reason);
});

test('another program on the port of an ended gateway is not mistaken for it', async () => {
  const env = environment(team, api.url);
  const gateway = await launch(team, env);
  const { address, lost } = await hold();
  const isLost = once(lost, 'abort');
  const gone = once(gateway.child, 'exit');
  gateway.child.kill('SIGKILL');
  await Promise.all([gone, ended.promise]);
  const impostor = createServer((_, response) => response.writeHead(200).flushHeaders());
  impostor.listen(Number(new URL(address.url).port), '127.0.0.1');
  await once(impostor, 'listening');
  await expect(launchAgain(team, env)).rejects.toThrow(GatewayFailed);
  await isLost;
  expect(lost.reason.message).toContain('EADDRINUSE');
  expect(stages).toEqual(['ended']);
  impostor.closeAllConnections();
  impostor.close();
});

test('a gateway that ended before it was held is waited for', async () => {
  const env = environment(team, api.url);
  const gateway = await launch(team, env);
  gateway.child.kill('SIGKILL');
  await once(gateway.child, 'exit');
  const holding = hold();
  const again = await launchAgain(team, env);
  expect((await holding).address).toEqual(again.address);
});

test('a hold requires the token, and their number is limited', async () => {
  const gateway = await launch(team, environment(team, api.url));
  const stranger = await ask(gateway, 'guessed');
  expect(stranger.statusCode).toBe(401);
  const replies = await Promise.all(
    Array.from({ length: 20 }, () => ask(gateway, gateway.address.token)),
  );
  const statuses = replies.map(({ statusCode }) => statusCode);
  expect(statuses.filter((status) => status === 200)).toHaveLength(8);
  expect(statuses.filter((status) => status === 429)).toHaveLength(12);
  // Holds do not delay the gateway's end.
  await gateway.stop();
});
