import type { AgentState } from '@agentteam/contract';
import { expect, test } from '@jest/globals';
import { missingState } from '../../src/roll-call/missing-state.ts';

const NOW = new Date('2026-11-23T16:42:00Z');

const completed: AgentState = {
  name: 'tests',
  phase: 'completed',
  attempt: 0,
  sessionId: 's',
  startedAt: '2026-11-23T16:30:00Z',
  endedAt: '2026-11-23T16:40:00Z',
  turns: 3,
  work: 'before',
  report: 'All tested.',
  reported: { outcome: 'completed', summary: 'All tested.' },
};

test('a teammate that completed before a retry has failed if the retry never starts it', () => {
  const state = missingState('tests', 'Omitted', completed, NOW);
  expect(state).toEqual({
    name: 'tests',
    phase: 'failed',
    attempt: 0,
    sessionId: 's',
    startedAt: '2026-11-23T16:30:00Z',
    endedAt: '2026-11-23T16:42:00.000Z',
    turns: 3,
    work: 'before',
    message: 'It never started, because a step that it depends on did not succeed.',
  });
});

test.each(['Succeeded', 'Failed', 'Error', ''])(
  'with the status %j, it has completed',
  (status) => {
    expect(missingState('tests', status, completed, NOW)).toBeUndefined();
  },
);

test('only Argo knows why a teammate failed whose step ended before it could start', () => {
  expect(missingState('tests', 'Failed', undefined, NOW)).toEqual({
    ...{ name: 'tests', phase: 'failed', attempt: 0, sessionId: '', turns: 0 },
    startedAt: NOW.toISOString(),
    endedAt: NOW.toISOString(),
  });
});
