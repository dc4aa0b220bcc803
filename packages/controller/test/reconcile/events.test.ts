import type { AgentTeamStatus } from '@agentteam/api';
import { expect, test } from '@jest/globals';
import type { CachedTeam } from '../../src/reconcile/cached-resource.ts';
import { eventsBetween } from '../../src/reconcile/team/events.ts';

const team = {
  metadata: { name: 'brief', namespace: 'teams' },
  spec: { lifecycle: {} },
} as unknown as CachedTeam;

const waiting = (status: 'True' | 'False', more: AgentTeamStatus = {}): AgentTeamStatus => ({
  phase: 'Running',
  conditions: [
    {
      type: 'WaitingForProvider',
      status,
      reason: status === 'True' ? 'UsageLimit' : 'NotWaiting',
      message: 'writer is waiting for the API.',
      lastTransitionTime: '2026-01-01T00:00:00Z',
    },
  ],
  ...more,
});
const notes = (before: AgentTeamStatus, after: AgentTeamStatus) =>
  eventsBetween(team, before, after).map(({ type, reason }) => `${type} ${reason}`);

test('records that agents start and stop waiting for the provider', () => {
  expect(notes({ phase: 'Running' }, waiting('True'))).toEqual(['Warning WaitingForProvider']);
  expect(notes(waiting('True'), waiting('True'))).toEqual([]);
  expect(notes(waiting('True'), waiting('False'))).toEqual(['Normal ProviderAvailable']);
  expect(notes(waiting('False'), waiting('True'))).toEqual(['Warning WaitingForProvider']);
});

test('records the end of a team instead of the end of its wait', () => {
  const ended = waiting('False', { phase: 'TimedOut', completedAt: '2026-01-01T01:00:00Z' });
  expect(notes(waiting('True'), ended)).toEqual(['Warning TimedOut']);
});
