import { rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type FinishSpec, LEAD, PATHS, type TeamLive } from '@agentteam/contract';
import { readAgentState } from '@agentteam/volume';
import { expect, test } from '@jest/globals';
import { floodWithFiles, makeSparseFile, withFewDescriptors } from '../../../volume/test/flood.ts';
import { totalsText } from '../../src/finish/totals.ts';
import { rollCallCommand } from '../../src/roll-call/command.ts';
import { setupCommand } from '../../src/setup/command.ts';
import { printed } from '../support/printed.ts';
import { makePlace, never, output, type Place, withSpec } from '../support/team.ts';

const MEMBERS = [LEAD, 'api', 'web'].map((name) => ({
  name,
  role: name === LEAD ? ('lead' as const) : ('teammate' as const),
  model: 'sonnet',
  prompt: `Do ${name}.`,
  dependsOn: [],
  cwd: PATHS.work,
}));
const REF = { team: 'auth', namespace: 'dev' };

async function coworkTeam(): Promise<Place> {
  const place = await makePlace();
  await printed(() => setupCommand(withSpec(place, { ...REF, members: MEMBERS }), [], never));
  return place;
}

test('finish sums up a team whose tasks, mail and states were flooded, and names the floods', async () => {
  const place = await coworkTeam();
  const at = (...names: string[]) => join(place.volume, ...names);
  // In addition to the team's own tasks 1 and 2.
  floodWithFiles(at('tasks', 'auth'), 30_000, undefined, { from: 1000 });
  floodWithFiles(at('teams', 'auth', 'inboxes'), 30_000);
  makeSparseFile(at('state', 'web', 'state.json'), 10 * 2 ** 30);
  const spec: FinishSpec = { ...REF, members: MEMBERS, checked: false, onComplete: 'none' };
  const program = fileURLToPath(new URL('finish-process.ts', import.meta.url));
  const log = await withFewDescriptors(
    process.execPath,
    ['--conditions=source', program, 'Succeeded', ''],
    { env: { PATH: process.env['PATH'], ...withSpec(place, spec) } },
  );
  const totals = JSON.parse(await output(place, 'totals')) as TeamLive;
  expect(totals.agents.map(({ name }) => name)).toEqual([LEAD, 'api', 'web']);
  expect(totals.tasks.total).toBe(2);
  expect(totals.notices?.map(({ place, agent }) => [place, agent])).toEqual([
    ['state/web/state.json', 'web'],
    ['tasks/auth', undefined],
  ]);
  const summary = await output(place, 'summary');
  expect(summary).toContain('! state/web/state.json is larger than 1 MiB');
  expect(summary).toContain('! tasks/auth has more than 10000 files');
  expect(log).toContain(summary);
});

test('roll-call writes the states even if an agent blocks the lead’s mail', async () => {
  const place = await coworkTeam();
  const inboxes = join(place.volume, 'teams', 'auth', 'inboxes');
  await rm(inboxes, { recursive: true });
  await symlink('/tmp', inboxes);
  const env = withSpec(place, { ...REF, teammates: ['api', 'web'] });
  const call = () => rollCallCommand(env, ['api=Skipped', 'web=Succeeded'], never);
  expect((await printed(call)).result).toBe(0);
  expect(await readAgentState(join(place.volume, 'state'), 'api')).toMatchObject({
    phase: 'absent',
  });
});

test('the totals of 64 teammates with long reports are valid JSON that fits an output', () => {
  const tokens = { input: 1e9, output: 1e9, cacheRead: 1e9, cacheWrite5m: 1e9, cacheWrite1h: 1e9 };
  const tasks = { total: 1000, completed: 1000, inProgress: 1000, pending: 1000 };
  const agents = Array.from({ length: 65 }, (_, index) => ({
    name: `teammate-with-a-long-name-${index}`,
    role: 'teammate' as const,
    phase: 'failed' as const,
    restarts: 3,
    turns: 1000,
    usd: '123.456789',
    tokens,
    tasks,
    messagesSent: 1000,
    startedAt: '2026-11-23T10:00:00.000Z',
    endedAt: '2026-11-23T10:00:00.000Z',
    report: '"\n'.repeat(2000),
    message: '\u0000'.repeat(4000),
  }));
  const notices = agents.map(({ name }) => ({ place: name, message: 'x'.repeat(500) }));
  const text = totalsText({ team: 'auth', at: '', usd: '1.00', tokens, tasks, agents, notices });
  expect(text.length).toBeLessThanOrEqual(64 * 1024);
  expect((JSON.parse(text) as TeamLive).agents).toHaveLength(65);
});
