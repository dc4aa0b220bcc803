import { expect, test } from '@jest/globals';
import { correspondenceOf, latestBoxes, type Received } from '../src/index.ts';

const MB = 1 << 20;

/** The mail to an agent: one message of a megabyte in each second. */
function box(to: string, seconds: readonly number[], more: Partial<Received> = {}): Received {
  const delivered = seconds.map((second) => ({
    ...{ from: 'a', read: true, msg_id: `${to}-${second}`, text: `${second}`.padEnd(MB, '.') },
    timestamp: `2026-11-30T12:00:${String(second).padStart(2, '0')}Z`,
  }));
  const nothing = { waiting: [], people: [], answers: [], deliveredPeople: new Set<string>() };
  return { to, delivered, ...nothing, isCut: false, ...more };
}

const secondsIn = (boxes: readonly Received[]) =>
  boxes.map(({ delivered }) => delivered.map(({ text }) => Number.parseInt(text, 10)));

test('of much mail, the latest of the team is kept, and people are told', () => {
  const boxes = latestBoxes([box('a', [1, 2, 7]), box('b', [3, 8]), box('c', [9])]);
  expect(secondsIn(boxes)).toEqual([[7], [3, 8], [9]]);
  expect(boxes.map(({ isCut }) => isCut)).toEqual([true, false, false]);
  expect(correspondenceOf(boxes, { missing: [], leftOut: [] }).leftOut).toEqual([
    'Only the latest mail to a is listed.',
  ]);
});

test('mail of agents that all claim the same time is limited as well', () => {
  const boxes = latestBoxes(Array.from({ length: 17 }, (_, index) => box(`a${index}`, [5, 5])));
  expect(secondsIn(boxes).flat()).toHaveLength(4);
});

test('a message of a person is not left out for mail that is older', () => {
  const told = { id: '1', by: 'ada', at: '2026-11-30T12:00:30Z', text: 'Stop.' };
  const boxes = latestBoxes([box('a', [1, 2, 3, 4, 5], { people: [told] })]);
  expect(boxes[0]?.people).toEqual([told]);
});

test('little mail stays as it is', () => {
  const boxes = [box('a', [1]), box('b', [2])];
  expect(latestBoxes(boxes)).toBe(boxes);
});
