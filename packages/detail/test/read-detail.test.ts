import type { AgentLive, TeamLive } from '@agentteam/contract';
import { expect, test } from '@jest/globals';
import { type DetailSource, readDetail, type StepDetail } from '../src/index.ts';

const activity = { kind: 'tool', text: 'Bash npm', since: '2026-11-29T10:00:05.000Z' } as const;
const tokens = { input: 0, output: 0, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0 };
const tasks = { total: 0, completed: 0, inProgress: 0, pending: 0 };

function sourceWith(state: StepDetail['state'], interrupted: boolean): DetailSource {
  const figures: AgentLive = {
    ...{ name: 'dev', role: 'teammate', phase: 'running', restarts: 0, turns: 1, usd: '0' },
    ...{ tokens, tasks, messagesSent: 0, activity },
  };
  const live: TeamLive = {
    team: 'crew',
    at: activity.since,
    usd: '0',
    tokens,
    tasks,
    agents: [figures],
  };
  return {
    head: {
      ...{ name: 'crew', namespace: 'default', phase: 'Running', message: '' },
      ...{ createdAt: activity.since, rehearsal: false, interrupted },
    },
    workflow: 'crew',
    steps: [
      { name: 'dev', title: 'dev', kind: 'agent', dependsOn: [], level: 0, state, attempts: 1 },
    ],
    members: [{ name: 'dev', step: 'dev', role: 'teammate', model: 'sonnet', attempts: [] }],
    gates: [],
    checks: [],
    live,
  };
}

test.each([
  ['that is running is the one of its figures', 'running', false, activity],
  ['that has ended is not shown', 'done', false, undefined],
  ['whose run was interrupted is not shown', 'running', true, undefined],
] as const)('the activity of an agent %s', async (_, state, interrupted, expected) => {
  const { agents } = await readDetail(sourceWith(state, interrupted));
  expect(agents.map((agent) => agent.activity)).toEqual([expected]);
});

test('a team is paused while its figures say so', async () => {
  const source = sourceWith('running', false);
  const pause = { by: 'ann', at: activity.since };
  const read = async (live: TeamLive | undefined) =>
    (await readDetail({ ...source, live })).summary.paused;
  expect(await read(source.live)).toBe(false);
  expect(await read(source.live && { ...source.live, paused: pause })).toBe(true);
});

test('a caller without figures sees the cost in the status, and that counts are not known', async () => {
  const source = sourceWith('running', false);
  const statusCost = { team: '0.42', agents: { dev: '0.40' } };
  const blind = await readDetail({ ...source, live: undefined, statusCost });
  expect(blind.summary.usd).toBe('0.42');
  expect(blind.agents.map(({ usd }) => usd)).toEqual(['0.40']);
  expect(blind.notices.map(({ message }) => message).join()).toContain('turns, tokens and tasks');
  const seen = await readDetail({ ...source, statusCost });
  expect({ ...seen.summary, agents: seen.agents, notices: seen.notices }).toMatchObject({
    usd: '0',
    agents: [{ usd: '0' }],
    notices: [],
  });
  const waiting = await readDetail({ ...sourceWith('waiting', false), live: undefined });
  expect(waiting.notices).toEqual([]);
});
