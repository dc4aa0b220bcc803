import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fit, oneLine, pad, safe, width, wrap } from '../../src/terminal/text.ts';

describe('safe', () => {
  test.each([
    ['\u001b[31mred\u001b[0m', 'red'],
    ['a\u001b]0;title\u0007b', 'ab'],
    ['over\rwritten', 'overwritten'],
    ['user\u202egnp.exe', 'usergnp.exe'],
    ['two\r\nlines', 'two\nlines'],
    ['a\tb', 'a  b'],
  ])('%j is printed as %j', (given, want) => {
    expect(safe(given)).toBe(want);
  });

  test('leaves no control character in any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(safe(text).replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
      }),
    );
  });
});

test('oneLine puts a text on one line', () => {
  expect(oneLine('  Findings:\n\n  sales\tgrew ')).toBe('Findings: sales grew');
});

describe('fit', () => {
  test.each([
    ['researcher', 20, 'researcher'],
    ['researcher', 10, 'researcher'],
    ['researcher', 5, 'rese…'],
    ['研究者です', 5, '研究…'],
    ['researcher', 0, ''],
  ])('%s in %d columns', (text, columns, want) => {
    expect(fit(text, columns)).toBe(want);
  });

  test('never takes more columns than it may', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(40), (text, columns) => {
        expect(width(fit(oneLine(text), columns))).toBeLessThanOrEqual(columns);
      }),
    );
  });
});

test('pad counts columns, not characters', () => {
  expect(pad('研究', 6)).toBe('研究  ');
  expect(pad('7', 3, 'left')).toBe('  7');
});

test('wrap breaks at spaces and keeps line feeds', () => {
  expect(wrap('the sales of the third\nquarter', 10)).toEqual([
    'the sales',
    'of the',
    'third',
    'quarter',
  ]);
});
