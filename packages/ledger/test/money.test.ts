import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { formatMoney, moneyText, parseMoney } from '../src/index.ts';

describe('money', () => {
  test.each([
    ['10.00', '10.00', '$10.00'],
    ['0', '0.00', '$0.00'],
    ['0.00065779', '0.00065779', '<$0.01'],
    ['1.415', '1.415', '$1.42'],
    ['1.4149', '1.4149', '$1.41'],
    ['0.005', '0.005', '$0.01'],
    ['999.999', '999.999', '$1000.00'],
    ['0.000000000001', '0.000000000001', '<$0.01'],
  ])('%s becomes %s, and %s for people', (given, text, shown) => {
    expect(moneyText(parseMoney(given))).toBe(text);
    expect(formatMoney(parseMoney(given))).toBe(shown);
  });

  test.each(['', '-1', '+1', '1e3', '1.', '.5', '1,00', '0x10', ' 1', '1.0000000000001', 'NaN'])(
    '%j is refused',
    (text) => expect(() => parseMoney(text)).toThrow(RangeError),
  );

  test('parsing and formatting are inverse, and sums are exact', () => {
    const amount = fc.bigInt({ min: 0n, max: 10n ** 23n });
    fc.assert(
      fc.property(amount, amount, (a, b) => {
        expect(parseMoney(moneyText(a))).toBe(a);
        expect(parseMoney(moneyText(a)) + parseMoney(moneyText(b))).toBe(a + b);
      }),
    );
  });
});
