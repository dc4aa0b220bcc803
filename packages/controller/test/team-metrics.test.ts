import { expect, test } from '@jest/globals';
import { Registry } from 'prom-client';
import { type MeasuredTeam, registerTeams, withSeries } from '../src/team-metrics.ts';

const team = (name: string, status: MeasuredTeam['status'] = {}): MeasuredTeam => ({
  metadata: { name, namespace: 'n' },
  status: { estimatedCost: '1.50', ...status },
});
const ended = (name: string, completedAt: string) =>
  team(name, { phase: 'Completed', completedAt });
const waiting = team('waiting', { phase: 'Running', approvals: [{ event: 'deliver' }] });
const teams = [
  ended('old', '2026-01-01T00:00:00Z'),
  ended('new', '2026-01-02T00:00:00Z'),
  team('running', { phase: 'Running' }),
  waiting,
];

test('prefers waiting and running teams, then those that ended most recently', () => {
  const names = (limit: number) => withSeries(teams, limit).map(({ metadata }) => metadata.name);
  expect(names(1)).toEqual(['waiting']);
  expect(names(3)).toEqual(['waiting', 'running', 'new']);
  expect(names(4)).toHaveLength(4);
});

test('drops the series of deleted teams, and counts teams without series', async () => {
  const registry = new Registry();
  let present: readonly MeasuredTeam[] = teams;
  registerTeams(registry, () => present, 3);
  const before = await registry.metrics();
  expect(before).toContain('agentteam_team_cost_usd{namespace="n",team="running"} 1.5');
  expect(before).toContain('agentteam_gates_waiting{namespace="n",team="waiting"} 1');
  expect(before).toContain('agentteam_teams_without_series 1');
  expect(before).not.toContain('agentteam_team_waiting_for_provider{');
  expect(before).toContain('agentteam_teams{namespace="n",phase="Completed"} 2');
  present = [waiting];
  const after = await registry.metrics();
  expect(after).not.toContain('team="running"');
  expect(after).toContain('agentteam_teams_without_series 0');
});

test('a team that waits for the provider has a series', async () => {
  const registry = new Registry();
  const conditions = [
    {
      type: 'WaitingForProvider',
      status: 'True' as const,
      reason: 'UsageLimit',
      message: '',
      lastTransitionTime: '2026-01-01T00:00:00Z',
    },
  ];
  registerTeams(registry, () => [team('limited', { phase: 'Running', conditions })], 3);
  expect(await registry.metrics()).toContain(
    'agentteam_team_waiting_for_provider{namespace="n",team="limited"} 1',
  );
});
