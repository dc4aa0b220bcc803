import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { nearest } from '../src/check/nearest.ts';

const word = fc.stringMatching(/^[a-z]{2,80}$/);

test('a misspelling with one letter added, missing or replaced is recognised', () => {
  fc.assert(
    fc.property(word, fc.nat(), fc.constantFrom('', '-', 'more'), (meant, at, slip) => {
      const place = at % meant.length;
      const rest = meant.slice(slip === 'more' ? place : place + 1);
      const written = `${meant.slice(0, place)}${slip === 'more' ? '-' : slip}${rest}`;
      expect(nearest(written, [meant])).toBe(meant);
    }),
  );
});

test.each([
  ['the nearest of several', 'reviewr', ['previewer', 'reviewer', 'reviewers'], 'reviewer'],
  ['whatever its case', 'SONNET', ['sonnet'], 'sonnet'],
  ['with a third of its letters wrong', 'abcxyz', ['abcdef', 'abxdyf'], undefined],
])('%s', (_, written, known, meant) => {
  expect(nearest(written, known)).toBe(meant);
});
