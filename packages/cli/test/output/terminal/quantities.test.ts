import { expect, test } from '@jest/globals';
import { age, clock, count, dollars, plural } from '../../../src/output/terminal/quantities.ts';

test.each([
  [0, '0:00'],
  [59_999, '0:59'],
  [61_000, '1:01'],
  [3_723_000, '1:02:03'],
  [-5, '0:00'],
])('clock of %d ms', (milliseconds, want) => {
  expect(clock(milliseconds)).toBe(want);
});

test.each([
  [900, '0s'],
  [14 * 60_000, '14m'],
  [2.5 * 3_600_000, '2h'],
  [3 * 86_400_000, '3d'],
])('age of %d ms', (milliseconds, want) => {
  expect(age(milliseconds)).toBe(want);
});

test.each([
  ['0', '$0.00'],
  ['1.42', '$1.42'],
  ['1.425', '$1.43'],
  ['12.345678', '$12.35'],
  ['0.012', '$0.01'],
  ['0.00065779', '<$0.01'],
  ['0.999', '$1.00'],
])('dollars of %s', (usd, want) => {
  expect(dollars(usd)).toBe(want);
});

test('counts', () => {
  expect(count(1_204_331)).toBe('1,204,331');
  expect(plural(1, 'task')).toBe('1 task');
  expect(plural(0, 'task')).toBe('0 tasks');
});
