import { expect, test } from '@jest/globals';
import { shouldStop } from '../src/index.ts';
import { altered, recorded } from './fixture.ts';

test.each([
  ['budget-gate-open', true],
  ['lead-failed-gate-open', true],
  ['lead-failed', false],
  ['budget-stopped', false],
  ['running', false],
  ['initializing', false],
  ['completed', false],
])('whether the team of the fixture %s should stop: %s', (name, want) => {
  expect(shouldStop(recorded(name))).toBe(want);
});

test.each(['Running', 'Pending'] as const)(
  'a team does not stop while an agent is still %s',
  (phase) => {
    const busy = { phase, message: '' };
    const nodes = { researcher: busy, 'researcher(0)': busy };
    expect(shouldStop(altered('budget-gate-open', nodes))).toBe(false);
  },
);

test('a team does not stop while a gate is open and the lead has succeeded', () => {
  const gate = { 'Approve-spawn-email-drafter': { phase: 'Running' } } as const;
  const { status, ...workflow } = altered('failed', gate);
  expect(shouldStop({ ...workflow, status: { ...status, phase: 'Running' } })).toBe(false);
});
