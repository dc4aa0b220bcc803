import { expect, test } from '@jest/globals';
import { readMessageParts } from '../src/index.ts';

test.each([
  ['line ends', `x${'\n'.repeat(500_000)}y`],
  ['beginnings without an end', '<person-message from="Eve">\n'.repeat(30_000).concat('y')],
])('a prompt with very many %s is one text, and is read once', (_, prompt) => {
  expect(readMessageParts(prompt)).toEqual([{ kind: 'other', text: prompt }]);
});
