import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { MemoryQuota } from '../../src/kube/memory-quota.ts';

test('a single namespace gets half of the total and leaves memory for others', () => {
  const quota = new MemoryQuota(1000);
  const kept = (namespace: string, count: number) =>
    Array.from({ length: count }, (_, index) =>
      quota.reserve(`${namespace}/${index}`, namespace, 10),
    ).filter(Boolean).length;
  expect(kept('hostile', 10_000)).toBe(50);
  expect(kept('hostile-too', 10_000)).toBe(25);
  expect(kept('calm', 5)).toBe(5);
});

test('counts a changed object once and a released object no longer', () => {
  const quota = new MemoryQuota(100);
  for (let index = 0; index < 1000; index += 1) expect(quota.reserve('a', 'n', 40)).toBe(true);
  expect(quota.reserve('b', 'n', 40)).toBe(false);
  quota.release('a');
  expect(quota.reserve('b', 'n', 40)).toBe(true);
  expect(quota.reserve('b', 'n', 60)).toBe(false);
  // The failed reservation has released the earlier one.
  expect(quota.reserve('a', 'n', 50)).toBe(true);
});

test('all namespaces together never exceed the total', () => {
  const step = fc.record({
    id: fc.nat(20),
    namespace: fc.nat(4),
    size: fc.integer({ min: 1, max: 60 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const quota = new MemoryQuota(300);
      const held = new Map<number, number>();
      for (const { id, namespace, size } of steps) {
        if (quota.reserve(String(id), `n${namespace}`, size)) held.set(id, size);
        else held.delete(id);
        expect([...held.values()].reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(300);
      }
    }),
  );
});
