import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  centsTextTogether,
  dollarsTogether,
  formatMoney,
  formatParts,
  moneyText,
  parseMoney,
  roundToCents,
} from '../src/index.ts';

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

test.each([
  ['0', '0.00'],
  ['3.796', '3.80'],
  ['1.425', '1.43'],
  ['1.4249', '1.42'],
  ['0.9999', '1.00'],
  ['123456789012.1', '123456789012.10'],
  ['0.000000000001999999', '0.00'],
])('%s is %s in cents', (usd, cents) => {
  expect(roundToCents(usd)).toBe(cents);
});

describe('amounts of a table', () => {
  test.each([
    [['0.075', '0.0251'], ['$0.07', '$0.03'], '$0.10'],
    [['0.004', '0.004', '0'], ['$0.01', '<$0.01', '$0.00'], '$0.01'],
    [['1.005', '1.005'], ['$1.01', '$1.00'], '$2.01'],
    [['3.8'], ['$3.80'], '$3.80'],
    [[], [], '$0.00'],
  ])('%j are shown as %j', (usds, shown, total) => {
    expect(dollarsTogether(usds)).toEqual(shown);
    expect(formatMoney(usds.reduce((sum, usd) => sum + parseMoney(usd), 0n))).toBe(total);
  });

  test('add up, in groups, to what a table of the groups shows', () => {
    const group = fc.constantFrom('lead', 'backend', 'tests');
    const amount = fc.bigInt({ min: 0n, max: 10n ** 11n });
    fc.assert(
      fc.property(fc.array(fc.record({ group, amount })), (parts) => {
        const shown = formatParts(parts).map((text) =>
          parseMoney(text.replace(/^<.*|^\$/, '') || '0'),
        );
        const sums = new Map<string, [exact: bigint, shown: bigint]>();
        for (const [index, part] of parts.entries()) {
          const [exact, cents] = sums.get(part.group) ?? [0n, 0n];
          sums.set(part.group, [exact + part.amount, cents + (shown[index] ?? 0n)]);
        }
        const ofGroups = dollarsTogether([...sums.values()].map(([exact]) => moneyText(exact)));
        const ofParts = [...sums.values()].map(([exact, cents]) =>
          cents === 0n && exact > 0n ? '<$0.01' : formatMoney(cents),
        );
        expect(ofParts).toEqual(ofGroups);
      }),
    );
  });

  test('add up to their rounded total, and none is a cent away', () => {
    const amounts = fc.array(fc.bigInt({ min: 0n, max: 10n ** 15n }), { maxLength: 17 });
    fc.assert(
      fc.property(amounts, (all) => {
        const cents = centsTextTogether(all.map(moneyText)).map(parseMoney);
        const sum = (values: readonly bigint[]) => values.reduce((one, other) => one + other, 0n);
        expect(formatMoney(sum(cents))).toBe(formatMoney(sum(all)).replace('<$0.01', '$0.00'));
        for (const [index, amount] of all.entries()) {
          const away = (cents[index] ?? 0n) - amount;
          expect(away < 0n ? -away : away).toBeLessThan(10n ** 10n);
        }
      }),
    );
  });
});
