import { PATHS } from '@agentteam/contract';
import { readTeamPause, removeTeamPause, writeTeamPause } from '@agentteam/volume';
import { expect, test } from '@jest/globals';
import { readConfig } from '../../src/gateway/config.ts';
import { type RunningGateway, startGateway } from '../../src/gateway/gateway.ts';
import { api, team } from './setting.ts';
import { atEnd, environment, figuresOf, mountKey, post } from './team.ts';

interface Observed {
  readonly gateway: RunningGateway;
  /** Resolves when the gateway holds a request. */
  readonly held: Promise<void>;
}

async function start(): Promise<Observed> {
  const held = Promise.withResolvers<void>();
  const ignore = () => {};
  const info = ({ event }: { readonly event: string }) => {
    if (event === 'paused') held.resolve();
  };
  const config = await readConfig(environment(team, api.url));
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
