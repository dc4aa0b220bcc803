import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { jsonText, visible, visibleIn } from '../src/index.ts';
import { hostileText, UNSEEN } from './support/hostile.ts';

describe('visible', () => {
  test.each([
    ['\u001b[1;31mred\u001b[0m', 'red'],
    ['a\u001b]0;title\u0007b', 'ab'],
    ['a\u001b]8;;https://x\u001b\\link\u001b]8;;\u001b\\', 'alink'],
    ['a\u001b]0;never ended', 'a[U+001B]]0;never ended'],
    ['a\u009b31mb', 'a[U+009B]31mb'],
    ['10 %\r20 %\r\nend', '10 %\n20 %\nend'],
    ['one\u2028two\u0085three', 'one\ntwo\nthree'],
    ['user\u202egnp.exe', 'user[U+202E]gnp.exe'],
    ['a\u200bb\u00adc\ufeff', 'a[U+200B]b[U+00AD]c[U+FEFF]'],
    ['hi\u{e0041}\u{e0042}\u{e0043}', 'hi[U+E0041 and 2 more]'],
    ['half \ud83d', 'half [U+D83D]'],
    ['nul \u0000, bell \u0007', 'nul [U+0000], bell [U+0007]'],
    ['tab\tstays', 'tab\tstays'],
  ])('%j becomes %j', (given, want) => {
    expect(visible(given)).toBe(want);
  });

  test.each(['👨‍👩‍👧 and ❤️ and 1️⃣ and 👍🏽', 'می‌خواهم', 'क्‍ष', 'Größe, naïve, 日本語, עברית'])(
    '%s stays unchanged',
    (text) => {
      expect(visible(text)).toBe(text);
    },
  );

  test('leaves no hidden characters and is idempotent', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const seen = visible(text);
        expect(seen).not.toMatch(UNSEEN);
        expect(visible(seen)).toBe(seen);
      }),
    );
  });

  // With a time that grows with the square of the length, this would take hours.
  test('handles a megabyte of any text', () => {
    for (const piece of ['\u001b[', '\u001b]', '\u202e', '\u001b[1', '\u200d', '👩\u200d']) {
      expect(visible(piece.repeat(2 ** 20 / piece.length))).not.toMatch(UNSEEN);
    }
  });

  test('changes every text in a value', () => {
    expect(visibleIn({ a: ['\u202e', 1, null], b: { c: '\u0007', d: true } })).toEqual({
      a: ['[U+202E]', 1, null],
      b: { c: '[U+0007]', d: true },
    });
  });
});

test('JSON has the same value and no hidden characters', () => {
  fc.assert(
    fc.property(fc.dictionary(hostileText, fc.oneof(hostileText, fc.jsonValue())), (value) => {
      const text = jsonText(value, 2);
      expect(text).not.toMatch(UNSEEN);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});
