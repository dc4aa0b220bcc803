import { expect, test } from '@jest/globals';
import { cleanCommitMessage, textFor } from '../src/index.ts';

/*
 * An agent chooses its commit messages and reports, and trusted steps clean them. If the time grew with the square
 * of the length, several of these texts would take minutes or hours.
 */

const run = (text: string) => text.repeat((1 << 17) / text.length);

const TEXTS = [
  ...['/', ' ', '[', '[ ', '*', '@', '#', '_', '-', '\t', 'closes ', 'www.', '![', '(', '\\'],
  ...['[skip', '[no -_', '***NO_CI ', '\u001b[', '\u001b]', 'Fixes\t', 'A-'],
].map(run);

test.each(['pull-request', 'argo'] as const)('a long text for %s takes little time', (place) => {
  for (const text of TEXTS) textFor(place, `[${text}x`);
});

test('a long commit message takes little time', () => {
  for (const text of TEXTS) cleanCommitMessage(`subject\n\n[${text}x`, []);
});

test.each([
  ['[skip ci]', '(skip ci)'],
  ['[ CI_Skip ]', '(CI_Skip)'],
  [`[skip${' '.repeat(40)}ci]`, `(skip${' '.repeat(40)}ci)`],
  ['[no ci]', '(no ci)'],
  ['[no]', '[no]'],
  ['[none of these]', '[none of these]'],
  ['[a](b)', '[a](b)'],
  ['///a', '/ / /a'],
  ['https://a.test', 'https:/ /a.test'],
  ['a // b', 'a // b'],
])('%s becomes %s', (text, shown) => {
  expect(textFor('pull-request', text)).toContain(shown);
});
