import { mkdir, readdir, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AgentState } from '@agentteam/contract';
import { LedgerReader } from '@agentteam/ledger';
import { expect, test } from '@jest/globals';
import { entry } from '../../ledger/test/entry.ts';
import {
  createRoster,
  createTask,
  newMember,
  readAgentStates,
  readGatewayAddress,
  readLive,
  readStopMarker,
  readTeamPause,
  removeStopMarker,
  waitInDirectory,
  watchDirectory,
  writeAgentState,
  writeGatewayAddress,
  writeStopMarker,
  writeTeamPause,
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

test('if several stop markers are written at once, one complete marker remains', async () => {
  const control = await temporaryDirectory();
  expect(await readStopMarker(control)).toBeUndefined();
  const agents = Array.from({ length: 16 }, (_, index) => `agent-${index}`);
  const first = await Promise.all(
    agents.map((agent) => writeStopMarker(control, { ...marker, agent })),
  );
  expect(first.filter(Boolean)).toHaveLength(1);
  expect((await readStopMarker(control))?.agent).toBe(agents[first.indexOf(true)]);
  expect(await readdir(control)).toEqual(['stop.json']);
  await removeStopMarker(control);
  expect(await readStopMarker(control)).toBeUndefined();
});

test.each(['{"reas', '{}', 'null'])(
  'an unreadable stop marker (%s) also stops the team',
  async (text) => {
    const control = await temporaryDirectory();
    await writeFile(join(control, 'stop.json'), text);
    expect(await readStopMarker(control)).toMatchObject({ reason: 'budget', agent: '' });
  },
);

test('only its own user can read the address of a gateway', async () => {
  const directory = await temporaryDirectory();
  const address = {
    url: 'http://127.0.0.1:1',
    token: 't',
    instance: 'i',
    statusUrl: 'http://127.0.0.1:2',
  };
  expect(await readGatewayAddress(directory)).toBeUndefined();
  await writeGatewayAddress(directory, address);
  expect(await readGatewayAddress(directory)).toEqual(address);
  expect((await stat(join(directory, 'gateway.json'))).mode & 0o777).toBe(0o600);
});

test('a state belongs to the agent of its directory, and invalid states are skipped', async () => {
  const directory = await temporaryDirectory();
  for (const name of ['worker', 'liar', 'broken', 'odd', 'linked', 'empty']) {
    await mkdir(join(directory, name));
  }
  await writeAgentState(join(directory, 'worker'), state);
  await writeAgentState(join(directory, 'liar'), { ...state, attempt: 0, turns: 0 });
  await writeFile(join(directory, 'broken/state.json'), JSON.stringify({ ...state, turns: -1 }));
  await writeFile(join(directory, 'odd/state.json'), JSON.stringify({ ...state, phase: 'odd' }));
  await symlink(join(directory, 'worker/state.json'), join(directory, 'linked/state.json'));
  const states = await readAgentStates(directory);
  expect([...states].map(([name, { name: inside }]) => [name, inside]).sort()).toEqual([
    ['liar', 'liar'],
    ['worker', 'worker'],
  ]);
  expect(await readAgentStates(join(directory, 'none'))).toEqual(new Map());
});

test('a watcher sees a file in a directory that did not exist, and ends when its signal aborts', async () => {
  const directory = join(await temporaryDirectory(), 'later');
  const { signal } = new AbortController();
  const found = waitInDirectory(directory, () => readStopMarker(directory), { signal });
  await mkdir(directory);
  await writeStopMarker(directory, marker);
  expect(await found).toEqual(marker);

  const stop = new AbortController();
  let reads = 0;
  for await (const _ of watchDirectory(directory, { signal: stop.signal, pollMs: 5 })) {
    reads += 1;
    if (reads === 3) stop.abort();
  }
  expect(reads).toBe(3);
  const never = waitInDirectory(directory, async () => undefined, {
    signal: AbortSignal.abort(new Error('stopped')),
  });
  await expect(never).rejects.toThrow('stopped');
});

const members = [
  { name: 'writer', role: 'teammate' },
  { name: 'team-lead', role: 'lead' },
] as const;

test('the live snapshot shows all known agents, the lead first', async () => {
  const native = await temporaryTeam();
  const directory = await temporaryDirectory();
  await mkdir(join(directory, 'worker'));
  await writeAgentState(join(directory, 'worker'), state);
  await createTask(native, { subject: 's', description: 'd', owner: 'worker' });
  const reader = new LedgerReader(directory);
  reader.count(entry({ id: 'a', agent: 'worker', messagesSent: 4 }));
  reader.count(entry({ id: 'b', agent: 'stranger', usd: '0.02' }));
  const sources = { native, state: directory, control: directory, ledger: reader.totals };
  const live = await readLive({ ...sources, members, limit: '5.00' });
  expect(live).toMatchObject({ team: 'demo', usd: '0.03', limit: '5.00', tasks: { total: 1 } });
  expect(live.agents).toMatchObject([
    { name: 'team-lead', role: 'lead', phase: 'waiting', restarts: 0, turns: 0, usd: '0.00' },
    { name: 'writer', role: 'teammate', phase: 'waiting' },
    {
      name: 'worker',
      phase: 'completed',
      restarts: 2,
      turns: 3,
      usd: '0.01',
      messagesSent: 4,
      report: 'done',
      tasks: { pending: 1 },
    },
    { name: 'stranger', role: 'teammate', phase: 'waiting', usd: '0.02', tasks: { total: 0 } },
  ]);
  expect(live.stop).toBeUndefined();
  await writeStopMarker(directory, marker);
  expect((await readLive(sources)).stop).toEqual(marker);
});

test('the live snapshot shows a limited number of unknown names in the roster, after the team', async () => {
  const native = await temporaryTeam();
  const extras = Array.from({ length: 100 }, (_, index) =>
    newMember('demo', { name: `extra-${index}`, model: 'opus', prompt: '', cwd: '/w' }, 1),
  );
  const roster = { name: 'demo', createdAt: 1, leadAgentId: '', leadSessionId: '' };
  await createRoster(native, { ...roster, members: extras });
  const empty = await temporaryDirectory();
  const { totals: ledger } = new LedgerReader(empty);
  const { agents } = await readLive({ native, state: empty, control: empty, ledger, members });
  expect(agents).toHaveLength(65);
  expect(agents.slice(0, 3).map(({ name }) => name)).toEqual(['team-lead', 'writer', 'extra-0']);
});

test('a team can be paused before its first step has made the directory', async () => {
  const control = join(await temporaryDirectory(), 'team/control');
  expect(await writeTeamPause(control, 'Ann')).toBe(true);
  expect(await writeTeamPause(control, 'Bob')).toBe(false);
  expect(await readTeamPause(control)).toMatchObject({ by: 'Ann' });
});
