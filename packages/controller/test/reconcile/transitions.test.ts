import type { AgentTeamStatus } from '@agentteam/api';
import { expect, test } from '@jest/globals';
import type { StoredTeam } from '../../src/reconcile/stored.ts';
import { transitions } from '../../src/reconcile/team/transitions.ts';

const team = {
  metadata: { name: 'brief', namespace: 'teams' },
  spec: { lifecycle: {} },
} as unknown as StoredTeam;

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
  transitions(team, before, after).map(({ type, reason }) => `${type} ${reason}`);

test('an event tells that agents began to wait for the provider, and that none does any more', () => {
  expect(notes({ phase: 'Running' }, waiting('True'))).toEqual(['Warning WaitingForProvider']);
  expect(notes(waiting('True'), waiting('True'))).toEqual([]);
  expect(notes(waiting('True'), waiting('False'))).toEqual(['Normal ProviderAvailable']);
  expect(notes(waiting('False'), waiting('True'))).toEqual(['Warning WaitingForProvider']);
});

test('how a team ended is told instead of the end of its wait', () => {
  const ended = waiting('False', { phase: 'TimedOut', completedAt: '2026-01-01T01:00:00Z' });
  expect(notes(waiting('True'), ended)).toEqual(['Warning TimedOut']);
});
