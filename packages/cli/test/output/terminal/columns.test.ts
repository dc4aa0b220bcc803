import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import stringWidth from 'string-width';
import { fit, pad, wrap } from '../../../src/output/terminal/columns.ts';
import { oneLine } from '../../../src/output/terminal/safe.ts';

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

  test('never exceeds the given width', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(40), (text, columns) => {
        expect(stringWidth(fit(oneLine(text), columns))).toBeLessThanOrEqual(columns);
      }),
    );
  });
});

test('pad counts columns, not characters', () => {
  expect(pad('研究', 6)).toBe('研究  ');
  expect(pad('7', 3, 'left')).toBe('  7');
});

test('wrap keeps the indentation', () => {
  expect(wrap('list:\n  - the sales of the quarter', 14)).toEqual([
    'list:',
    '  - the sales',
    '  of the',
    '  quarter',
  ]);
});

test('wrap breaks at spaces and keeps line feeds', () => {
  expect(wrap('the sales of the third\nquarter', 10)).toEqual([
    'the sales',
    'of the',
    'third',
    'quarter',
  ]);
});
