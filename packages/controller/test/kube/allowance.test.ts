import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Allowance } from '../../src/kube/allowance.ts';

test('one namespace has half of all, and leaves room to others', () => {
  const allowance = new Allowance(1000);
  const kept = (namespace: string, count: number) =>
    Array.from({ length: count }, (_, index) =>
      allowance.take(`${namespace}/${index}`, namespace, 10),
    ).filter(Boolean).length;
  expect(kept('hostile', 10_000)).toBe(50);
  expect(kept('hostile-too', 10_000)).toBe(25);
  expect(kept('calm', 5)).toBe(5);
});

test('an object that has changed is counted once, and one that is gone no more', () => {
  const allowance = new Allowance(100);
  for (let index = 0; index < 1000; index += 1) expect(allowance.take('a', 'n', 40)).toBe(true);
  expect(allowance.take('b', 'n', 40)).toBe(false);
  allowance.release('a');
  expect(allowance.take('b', 'n', 40)).toBe(true);
  expect(allowance.take('b', 'n', 60)).toBe(false);
  // What did not find room again has none.
  expect(allowance.take('a', 'n', 50)).toBe(true);
});

test('all together never have more than there is', () => {
  const step = fc.record({
    id: fc.nat(20),
    namespace: fc.nat(4),
    size: fc.integer({ min: 1, max: 60 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const allowance = new Allowance(300);
      const held = new Map<number, number>();
      for (const { id, namespace, size } of steps) {
        if (allowance.take(String(id), `n${namespace}`, size)) held.set(id, size);
        else held.delete(id);
        expect([...held.values()].reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(300);
      }
    }),
  );
});
