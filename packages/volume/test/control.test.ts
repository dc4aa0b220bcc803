import { mkdir, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AgentState } from '@agentteam/contract';
import { LedgerReader } from '@agentteam/ledger';
import { expect, test } from '@jest/globals';
import {
  createTask,
  readAgentStates,
  readGatewayAddress,
  readLive,
  readStopMarker,
  removeStopMarker,
  waitInDirectory,
  watchDirectory,
  writeAgentState,
  writeGatewayAddress,
  writeStopMarker,
} from '../src/index.ts';
import { temporaryDirectory, temporaryTeam } from './temporary.ts';

const marker = { reason: 'budget', agent: 'a', message: 'spent', at: 'now' } as const;
const state: AgentState = {
  name: 'worker',
  phase: 'completed',
  attempt: 2,
  sessionId: 's',
  startedAt: '2026-11-23T10:00:00.000Z',
  turns: 3,
  report: 'done',
};

test('of stop markers written at once the first stays, whole', async () => {
  const control = await temporaryDirectory();
  expect(await readStopMarker(control)).toBeUndefined();
  const agents = Array.from({ length: 16 }, (_, index) => `agent-${index}`);
  const first = await Promise.all(
    agents.map((agent) => writeStopMarker(control, { ...marker, agent })),
  );
  expect(first.filter(Boolean)).toHaveLength(1);
  expect((await readStopMarker(control))?.agent).toBe(agents[first.indexOf(true)]);
  await removeStopMarker(control);
  expect(await readStopMarker(control)).toBeUndefined();
});

test('a stop marker that cannot be read stops the team all the same', async () => {
  const control = await temporaryDirectory();
  await writeFile(join(control, 'stop.json'), '{"reas');
  expect(await readStopMarker(control)).toMatchObject({ reason: 'budget' });
});

test('the gateway’s address is readable by its user alone', async () => {
  const directory = await temporaryDirectory();
  const address = { url: 'http://127.0.0.1:1', token: 't', statusUrl: 'http://127.0.0.1:2' };
  expect(await readGatewayAddress(directory)).toBeUndefined();
  await writeGatewayAddress(directory, address);
  expect(await readGatewayAddress(directory)).toEqual(address);
  expect((await stat(join(directory, 'gateway.json'))).mode & 0o777).toBe(0o600);
});

test('a state is its directory’s agent’s, whatever it says; nonsense is left out', async () => {
  const directory = await temporaryDirectory();
  for (const name of ['worker', 'liar', 'broken', 'linked', 'empty']) {
    await mkdir(join(directory, name));
  }
  await writeAgentState(join(directory, 'worker'), state);
  await writeAgentState(join(directory, 'liar'), state);
  await writeFile(join(directory, 'broken/state.json'), JSON.stringify({ ...state, turns: -1 }));
  await symlink(join(directory, 'worker/state.json'), join(directory, 'linked/state.json'));
  const states = await readAgentStates(directory);
  expect([...states].map(([name, { name: inside }]) => [name, inside]).sort()).toEqual([
    ['liar', 'liar'],
    ['worker', 'worker'],
  ]);
});

test('a watcher sees a file in a directory that did not exist, and ends when told to', async () => {
  const directory = join(await temporaryDirectory(), 'later');
  const { signal } = new AbortController();
  const found = waitInDirectory(directory, () => readStopMarker(directory), { signal });
  await mkdir(directory);
  await writeStopMarker(directory, marker);
  expect(await found).toEqual(marker);

  const stop = new AbortController();
  let looks = 0;
  for await (const _ of watchDirectory(directory, { signal: stop.signal, pollMs: 5 })) {
    looks += 1;
    if (looks === 3) stop.abort();
  }
  expect(looks).toBe(3);
  const never = waitInDirectory(directory, async () => undefined, {
    signal: AbortSignal.abort(new Error('told to stop')),
  });
  await expect(never).rejects.toThrow('told to stop');
});

test('the live snapshot shows all who are known, the lead first', async () => {
  const native = await temporaryTeam();
  const directory = await temporaryDirectory();
  await mkdir(join(directory, 'worker'));
  await writeAgentState(join(directory, 'worker'), state);
  await createTask(native, { subject: 's', description: 'd', owner: 'worker' });
  const live = await readLive({
    native,
    state: directory,
    control: directory,
    ledger: await new LedgerReader(directory).refresh(),
    members: [
      { name: 'writer', role: 'teammate' },
      { name: 'team-lead', role: 'lead' },
    ],
    limit: '5.00',
  });
  expect(live).toMatchObject({ team: 'demo', usd: '0.00', limit: '5.00', tasks: { total: 1 } });
  expect(live.agents).toMatchObject([
    { name: 'team-lead', role: 'lead', phase: 'waiting' },
    { name: 'writer', role: 'teammate', phase: 'waiting' },
    {
      name: 'worker',
      phase: 'completed',
      restarts: 2,
      turns: 3,
      report: 'done',
      tasks: { pending: 1 },
    },
  ]);
  expect(live.stop).toBeUndefined();
});
