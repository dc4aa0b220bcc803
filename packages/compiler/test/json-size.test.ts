import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { bytesAtMost, utf8Length } from '../src/emit/json-size.ts';

const TEXT = fc.string({ unit: 'binary' });
/** Texts of any UTF-16 units, including unpaired surrogates. */
const UNITS = fc
  .array(fc.integer({ min: 0, max: 0xffff }))
  .map((units) => String.fromCharCode(...units));

describe('the size of JSON', () => {
  test('of a text equals its length in UTF-8', () => {
    fc.assert(
      fc.property(fc.oneof(TEXT, UNITS), (text) => {
        expect(utf8Length(text)).toBe(Buffer.byteLength(text));
      }),
    );
  });

  // Only characters that take the most bytes.
  test.each(['\u0000', '\u007f', '\ud800', '"', '\\', 'é', '漢', '🙂'])(
    'of many %j is within the bound',
    (unit) => {
      const text = unit.repeat(100);
      expect(Buffer.byteLength(JSON.stringify(text))).toBeLessThanOrEqual(bytesAtMost(text));
    },
  );

  test('of any value is within the bound', () => {
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        TEXT,
        UNITS,
        fc.double(),
        fc.constantFrom(null, true, false),
        fc.array(tie('value')),
        fc.dictionary(fc.oneof(TEXT, UNITS), tie('value')),
      ),
    }));
    fc.assert(
      fc.property(value, (any) => {
        expect(Buffer.byteLength(JSON.stringify(any))).toBeLessThanOrEqual(bytesAtMost(any));
      }),
      { numRuns: 1000 },
    );
  });
});
