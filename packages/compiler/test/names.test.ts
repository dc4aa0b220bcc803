import { expect, test } from '@jest/globals';
import { workflowName } from '../src/index.ts';

test('a Workflow has its team’s name if that has at most 52 characters', () => {
  expect(workflowName('n'.repeat(52))).toBe('n'.repeat(52));
});

test.each([
  ['n'.repeat(53), `${'n'.repeat(43)}-beb576f9`],
  // The readable part does not end with a dot or hyphen.
  [`team-${'n'.repeat(36)}-.reports-of-the-quarter`, `team-${'n'.repeat(36)}-091ecb16`],
])('a digest replaces the end of a longer name: %s', (name, head) => {
  expect(workflowName(name)).toBe(head);
});

test('long names that differ only at the end get different names', () => {
  const names = Array.from({ length: 1000 }, (_, index) => `${'n'.repeat(60)}${index}`);
  expect(new Set(names.map(workflowName)).size).toBe(1000);
});
