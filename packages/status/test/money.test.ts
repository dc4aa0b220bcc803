import { expect, test } from '@jest/globals';
import { roundToCents } from '../src/money.ts';

test.each([
  ['0', '0.00'],
  ['3.796', '3.80'],
  ['1.425', '1.43'],
  ['1.4249', '1.42'],
  ['0.9999', '1.00'],
  ['12345678901234567.1', '12345678901234567.10'],
])('%s is %s', (usd, want) => {
  expect(roundToCents(usd)).toBe(want);
});
