import { expect, test } from '@jest/globals';
import { answered, eventOf, openGates } from '../src/index.ts';
import { recorded } from './fixture.ts';

test.each([
  ['running', ['spawn-email-drafter']],
  ['completed', []],
  ['stopped', []],
])('the open gates of the fixture %s', (name, events) => {
  expect(openGates(recorded(name)).map(eventOf)).toEqual(events);
});

test('an answered gate has the form that Argo gives it', () => {
  const [gate] = openGates(recorded('initializing'));
  if (gate === undefined) throw new Error('no gate was recorded');
  const answer = { decision: 'reject', by: 'ada' } as const;
  expect(answered(gate.node, answer, '2026-11-23T16:32:00.123Z')).toEqual({
    ...gate.node,
    phase: 'Succeeded',
    finishedAt: '2026-11-23T16:32:00Z',
    outputs: {
      parameters: [
        { name: 'decision', value: 'reject' },
        { name: 'decided-by', value: 'ada' },
        { name: 'reason', value: '' },
      ],
    },
  });
});
