import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { oneLine, safe } from '../../../src/output/terminal/safe.ts';

describe('safe', () => {
  test.each([
    ['\u001b[31mred\u001b[0m', 'red'],
    ['a\u001b]0;title\u0007b', 'ab'],
    ['over\rwritten', 'over\nwritten'],
    ['user\u202egnp.exe', 'user[U+202E]gnp.exe'],
    ['two\r\nlines', 'two\nlines'],
    ['a\tb', 'a  b'],
  ])('%j is printed as %j', (given, want) => {
    expect(safe(given)).toBe(want);
  });

  test('removes all control characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(safe(text).replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
      }),
    );
  });
});

test('oneLine replaces white space by single spaces', () => {
  expect(oneLine('  Findings:\n\n  sales\tgrew ')).toBe('Findings: sales grew');
});
