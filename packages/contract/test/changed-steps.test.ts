import { parseChangedSteps } from '@agentteam/contract';
import { expect, test } from '@jest/globals';

const AT = '2026-11-23T10:00:00Z';

test('the steps of this run are read', () => {
  expect(parseChangedSteps(JSON.stringify({ startedAt: AT, steps: ['api'] }), AT)).toEqual(['api']);
});

test.each([
  ['nothing', undefined],
  ['no JSON', 'x'],
  ['steps of another run', JSON.stringify({ startedAt: 'x', steps: ['api'] })],
  ['no list of steps', JSON.stringify({ startedAt: AT, steps: { length: 1 } })],
  ['no steps', JSON.stringify({ startedAt: AT })],
  ['steps that are no names', JSON.stringify({ startedAt: AT, steps: [1, null] })],
  ['names that are too long', JSON.stringify({ startedAt: AT, steps: ['x'.repeat(254)] })],
  ['null', 'null'],
])('%s names no step', (_, text) => {
  expect(parseChangedSteps(text, AT)).toEqual([]);
});
