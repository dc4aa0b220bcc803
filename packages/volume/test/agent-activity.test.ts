import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type AgentActivity,
  type AgentPhase,
  LONGEST_ACTIVITY,
  readFigures,
  type TeamLive,
} from '@agentteam/contract';
import { LedgerReader } from '@agentteam/ledger';
import { expect, test } from '@jest/globals';
import { readLive, writeAgentActivity, writeAgentState, writeProviderWait } from '../src/index.ts';
import { temporaryDirectory, temporaryTeam } from './temporary.ts';

const EDIT: AgentActivity = { kind: 'tool', text: 'Edit a.ts', since: '2026-11-29T12:00:00Z' };

interface Worker {
  readonly control: string;
  readonly directory: string;
  live(): Promise<TeamLive>;
}

async function worker(phase: AgentPhase = 'running'): Promise<Worker> {
  const native = await temporaryTeam();
  const [control, state] = [await temporaryDirectory(), await temporaryDirectory()];
  const directory = join(state, 'worker');
  await mkdir(directory);
  await writeAgentState(directory, {
    name: 'worker',
    ...{ phase, attempt: 0, sessionId: 's', startedAt: '2026-11-29T10:00:00Z', turns: 1 },
  });
  const { totals: ledger } = new LedgerReader(join(control, 'no-ledger'));
  return { control, directory, live: () => readLive({ native, state, control, ledger }) };
}

test('figures say what a running agent is doing, also after they were sent', async () => {
  const { directory, live } = await worker();
  expect((await live()).agents[0]).not.toHaveProperty('activity');
  await writeAgentActivity(directory, EDIT);
  const figures = await live();
  expect(figures.agents[0]?.activity).toEqual(EDIT);
  expect(readFigures(JSON.parse(JSON.stringify(figures)))).toMatchObject({
    figures: { agents: [{ activity: EDIT }] },
  });
});

test('an agent that has ended is doing nothing', async () => {
  const { directory, live } = await worker('completed');
  await writeAgentActivity(directory, EDIT);
  expect((await live()).agents[0]).not.toHaveProperty('activity');
});

test('a wait for the provider counts more than what the agent says', async () => {
  const { control, directory, live } = await worker();
  await writeAgentActivity(directory, EDIT);
  const since = '2026-11-29T12:00:05Z';
  const until = '2026-11-29T13:00:00Z';
  await writeProviderWait(control, 'worker', { reason: 'usage-limit', since, until, told: true });
  expect((await live()).agents[0]?.activity).toEqual({
    kind: 'waiting-provider',
    text: 'usage limit',
    since,
  });
});

test.each([
  ['an unknown kind', JSON.stringify({ ...EDIT, kind: 'dancing' })],
  ['an invalid time', JSON.stringify({ ...EDIT, since: 'yesterday' })],
  ['a text that is none', JSON.stringify({ ...EDIT, text: { toString: 'x' } })],
  ['a file that is too large', JSON.stringify({ ...EDIT, text: 'x'.repeat(5_000) })],
  ['a file that is cut off', '{"kind":"to'],
])('%s is not an activity', async (_, content) => {
  const { directory, live } = await worker();
  await writeFile(join(directory, 'activity.json'), content);
  expect((await live()).agents[0]).not.toHaveProperty('activity');
});

test('a text of an agent becomes one short line without control characters', async () => {
  const { directory, live } = await worker();
  const text = `Edit \u001b[2Ja\n\u202eb${'x'.repeat(500)}`;
  await writeFile(join(directory, 'activity.json'), JSON.stringify({ ...EDIT, text }));
  const shown = (await live()).agents[0]?.activity?.text ?? '';
  expect(shown).toMatch(/^Edit \[2Ja bx+…$/);
  expect(shown.length).toBeLessThanOrEqual(LONGEST_ACTIVITY);
});

test('a link that replaces the file is neither read nor written through', async () => {
  const { control, directory, live } = await worker();
  const elsewhere = join(control, 'elsewhere.json');
  await writeFile(elsewhere, JSON.stringify(EDIT));
  await symlink(elsewhere, join(directory, 'activity.json'));
  expect((await live()).agents[0]).not.toHaveProperty('activity');
  await writeAgentActivity(directory, { ...EDIT, text: 'Read b.ts' });
  expect((await live()).agents[0]?.activity?.text).toBe('Read b.ts');
  expect(JSON.parse(await readFile(elsewhere, 'utf8'))).toEqual(EDIT);
});
