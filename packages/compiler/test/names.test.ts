import { expect, test } from '@jest/globals';
import { workflowName } from '../src/index.ts';

test('a team’s Workflow has its name, up to 52 characters', () => {
  expect(workflowName('n'.repeat(52))).toBe('n'.repeat(52));
});

test.each([
  ['n'.repeat(53), `${'n'.repeat(43)}-beb576f9`],
  // No part that people read ends in a sign.
  [`team-${'n'.repeat(36)}-.reports-of-the-quarter`, `team-${'n'.repeat(36)}-091ecb16`],
])('beyond that a digest takes the place of its end, the same one for good: %s', (name, head) => {
  expect(workflowName(name)).toBe(head);
});

test('names that differ only in their ends stay apart', () => {
  const names = Array.from({ length: 1000 }, (_, index) => `${'n'.repeat(60)}${index}`);
  expect(new Set(names.map(workflowName)).size).toBe(1000);
});
