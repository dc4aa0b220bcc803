import { once } from 'node:events';
import { type ClientRequest, request } from 'node:http';
import { PATHS } from '@agentteam/contract';
import { readTeamPause, removeTeamPause, writeTeamPause } from '@agentteam/volume';
import { expect, test } from '@jest/globals';
import { readConfig } from '../../src/gateway/config.ts';
import { type RunningGateway, startGateway } from '../../src/gateway/gateway.ts';
import { reply } from './scripted-api.ts';
import { api, team } from './setting.ts';
import { atEnd, environment, figuresOf, mountKey, post } from './team.ts';

interface Observed {
  readonly gateway: RunningGateway;
  /** Resolves when the gateway holds a request. */
  readonly held: Promise<void>;
}

async function start(spec: Parameters<typeof environment>[2] = {}): Promise<Observed> {
  const held = Promise.withResolvers<void>();
  const ignore = () => {};
  const info = ({ event }: { readonly event: string }) => {
    if (event === 'paused') held.resolve();
  };
  const config = await readConfig(environment(team, api.url, spec));
  const gateway = await startGateway(config, { info, warn: ignore, error: ignore });
  atEnd(() => gateway.close());
  return { gateway, held: held.promise };
}

const control = () => team.root + PATHS.control;
const asked = () => api.seen.filter(({ method }) => method === 'POST');

test('requests wait while the team is paused, also in a gateway that starts then', async () => {
  await mountKey(team);
  expect(await writeTeamPause(control(), 'Ann')).toBe(true);
  expect(await writeTeamPause(control(), 'Bob')).toBe(false);
  const { gateway, held } = await start();
  const reply = post(gateway, {});
  await held;
  expect(asked()).toHaveLength(0);
  expect((await figuresOf(gateway)).paused).toMatchObject({ by: 'Ann' });
  await removeTeamPause(control());
  expect((await reply).status).toBe(200);
  expect(asked()).toHaveLength(1);
  expect((await figuresOf(gateway)).paused).toBeUndefined();
});

test('a gateway that ends answers held requests, so that the agent repeats them', async () => {
  await writeTeamPause(control(), 'Ann');
  const { gateway, held } = await start();
  const reply = post(gateway, {});
  await held;
  await gateway.close();
  expect((await reply).status).toBe(502);
  expect(asked()).toHaveLength(0);
  expect(await readTeamPause(control())).toMatchObject({ by: 'Ann' });
});

const BODY = JSON.stringify({ model: 'claude-opus-5-5', max_tokens: 1000, messages: [] });

/** Begins a request as a hostile agent would: the gateway has taken it, and waits for its body. */
async function begin({ address }: RunningGateway): Promise<ClientRequest> {
  const begun = request(`${address.url}/v1/messages?beta=true`, {
    method: 'POST',
    headers: {
      'x-api-key': address.token,
      'content-type': 'application/json',
      'content-length': BODY.length,
      expect: '100-continue',
    },
  });
  begun.flushHeaders();
  await once(begun, 'continue');
  return begun;
}

test('a request whose body arrives while the team is paused waits, too', async () => {
  const { gateway, held } = await start();
  const begun = await begin(gateway);
  const answered = once(begun, 'response');
  await writeTeamPause(control(), 'Ann');
  begun.end(BODY);
  await Promise.race([held, answered]);
  expect(asked()).toHaveLength(0);
  await removeTeamPause(control());
  await answered;
  begun.destroy();
  expect(asked()).toHaveLength(1);
});

test.each(['finish', 'cut'] as const)(
  'onLimit %s: a request that was held is not sent after the limit',
  async (onLimit) => {
    const { gateway, held } = await start({ teamBudgetLimit: '0.01', onLimit });
    const spent = Promise.withResolvers<void>();
    const sent = Promise.withResolvers<void>();
    api.answer = async (seen, response) => {
      sent.resolve();
      await spent.promise;
      await reply({ usage: { input_tokens: 100_000 } })(seen, response);
    };
    const spending = post(gateway, {});
    await sent.promise;
    const begun = await begin(gateway);
    const answered = once(begun, 'response');
    await writeTeamPause(control(), 'Ann');
    begun.end(BODY);
    await held;
    spent.resolve();
    await (await spending).text();
    await removeTeamPause(control());
    await answered;
    begun.destroy();
    expect(asked()).toHaveLength(1);
  },
);
