import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { applyDelta, type Delta, deltaOf } from '../src/delta.ts';

const sent = (delta: Delta): Delta => JSON.parse(JSON.stringify(delta));
/** As both sides have it: JSON has no `-0`. */
const json = fc.json({ maxDepth: 4 }).map((text): unknown => sent(JSON.parse(text)));

test('applying a change to the earlier value gives the later one', () => {
  fc.assert(
    fc.property(json, json, (before, after) => {
      const delta = deltaOf(before, after);
      if (delta === undefined) expect(after).toEqual(before);
      else expect(applyDelta(before, sent(delta))).toEqual(after);
    }),
  );
});

test('so do lists that lose their beginning, change in the middle, and grow', () => {
  const item = fc.record({ at: fc.nat(5), text: fc.string({ maxLength: 2 }) });
  fc.assert(
    fc.property(fc.array(item), fc.nat(5), fc.array(item), (before, dropped, added) => {
      const after = [...before.slice(dropped), ...added];
      const delta = deltaOf(before, after);
      expect(delta === undefined ? before : applyDelta(before, sent(delta))).toEqual(after);
    }),
  );
});

test('what has not changed is not sent, and stays the same object', () => {
  const before = {
    agents: [
      { name: 'a', usd: '1' },
      { name: 'b', usd: '1' },
    ],
    events: [{ at: 1 }, { at: 2 }, { at: 3 }],
    results: { files: [{ text: 'x'.repeat(10_000) }] },
  };
  const after = {
    ...structuredClone(before),
    agents: [
      { name: 'a', usd: '1' },
      { name: 'b', usd: '2' },
    ],
    events: [{ at: 2 }, { at: 3 }, { at: 4 }],
  };
  const delta = deltaOf(before, after);
  expect(JSON.stringify(delta).length).toBeLessThan(300);
  const applied = applyDelta(before, delta as Delta) as typeof before;
  expect(applied).toEqual(after);
  expect(applied.results).toBe(before.results);
  expect(applied.agents[0]).toBe(before.agents[0]);
  expect(applied.events[0]).toBe(before.events[1]);
});

test('lists in lists are compared in a time that grows with their size', () => {
  const nested = (value: unknown): unknown =>
    Array.from({ length: 200 }).reduce((inner: unknown) => [inner], value);
  // With a time that doubles with each level, this would never end.
  expect(applyDelta(nested(1), sent(deltaOf(nested(1), nested(2)) as Delta))).toEqual(nested(2));
});

test('a change of an item that does not exist is refused', () => {
  const delta: Delta = {
    ...{ kind: 'items', dropped: 0, kept: 1, added: [] },
    changed: [[5, { kind: 'value', value: 1 }]],
  };
  expect(() => applyDelta([0], delta)).toThrow('does not fit');
});

const nothing = { kind: 'items', dropped: 0, kept: 0, changed: [], added: [] };
test.each([
  // The last step would otherwise copy a list of four billion items.
  [
    'the length of a list',
    { ...nothing, changed: [['length', { kind: 'value', value: 2 ** 32 - 1 }]] },
  ],
  ['an item behind the end', { ...nothing, changed: [[0, { kind: 'value', value: 1 }]] }],
  ['a text in place of items', { ...nothing, added: 'x'.repeat(1000) }],
  ['a number of items that is none', { ...nothing, kept: '1' }],
  ['no kind', {}],
  ['null', null],
])('a change with %s is refused', (_, delta) => {
  expect(() => applyDelta([], delta as unknown as Delta)).toThrow('The change does not fit.');
});

test.each([
  ['a text in place of fields', { kind: 'fields', changed: 'x'.repeat(1000) }],
  ['a text in place of names', { kind: 'fields', changed: {}, removed: 'x'.repeat(1000) }],
])('a change with %s is refused', (_, delta) => {
  expect(() => applyDelta({}, delta as unknown as Delta)).toThrow('The change does not fit.');
});
