import { expect, test } from '@jest/globals';
import { shouldStop } from '../src/index.ts';
import { recorded } from './fixture.ts';

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

test('not while an agent is still at work', () => {
  const workflow = recorded('budget-gate-open');
  const nodes = Object.values(workflow.status?.nodes ?? {}).map((node) =>
    node.displayName?.startsWith('researcher')
      ? { ...node, phase: 'Running' as const, message: '' }
      : node,
  );
  const busy = {
    ...workflow,
    status: { ...workflow.status, nodes: Object.fromEntries(nodes.map((n) => [n.id, n])) },
  };
  expect(shouldStop(busy)).toBe(false);
});
