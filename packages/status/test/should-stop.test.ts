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
])('%s: %s', (name, want) => {
  expect(shouldStop(recorded(name))).toBe(want);
});

test.each(['Running', 'Pending'] as const)('not while an agent is still %s', (phase) => {
  const busy = { phase, message: '' };
  const nodes = { researcher: busy, 'researcher(0)': busy };
  expect(shouldStop(altered('budget-gate-open', nodes))).toBe(false);
});

test('not while people are asked about the work of a lead that has succeeded', () => {
  const gate = { 'Approve-spawn-email-drafter': { phase: 'Running' } } as const;
  const { status, ...workflow } = altered('failed', gate);
  expect(shouldStop({ ...workflow, status: { ...status, phase: 'Running' } })).toBe(false);
});
