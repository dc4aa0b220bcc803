import { expect, test } from '@jest/globals';
import { KeyedQueue, type Urgency } from '../src/queue.ts';

/** A queue whose work ends when the test says so, and what it has begun, in order. */
function staged(concurrency: number, urgency?: (key: string) => Urgency) {
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const stop = new AbortController();
  const queue = new KeyedQueue({
    concurrency,
    ...(urgency !== undefined && { urgency }),
    onError: () => {},
    work: (key) => {
      begun.push(key);
      return new Promise((resolve) => ends.set(key, () => resolve(undefined)));
    },
  });
  const running = queue.run(stop.signal);
  return {
    queue,
    begun,
    /** Ends the work on a key, and lets the queue begin what follows. */
    end: async (key: string) => {
      ends.get(key)?.();
      await new Promise(setImmediate);
    },
    settled: () => new Promise(setImmediate),
    stop: async () => {
      stop.abort();
      for (const end of ends.values()) end();
      await running;
    },
  };
}

test('a key waits once, and is worked on again when it was added meanwhile', async () => {
  const { queue, begun, end, settled, stop } = staged(1);
  for (const key of ['a', 'b', 'b']) queue.add(key);
  await settled();
  queue.add('a');
  expect(begun).toEqual(['a']);
  await end('a');
  await end('b');
  expect(begun).toEqual(['a', 'b', 'a']);
  await end('a');
  expect(queue.depth).toBe(0);
  await stop();
});

test('what is urgent overtakes what is not, and has places of its own', async () => {
  const urgencies = new Map<string, Urgency>([
    ['gate', 'now'],
    ['start', 'soon'],
  ]);
  const { queue, begun, end, settled, stop } = staged(2, (key) => urgencies.get(key) ?? 'later');
  for (const key of ['r1', 'r2', 'r3', 'start', 'gate']) queue.add(key);
  await settled();
  expect(begun).toEqual(['gate', 'start']);
  await end('start');
  expect(begun).toEqual(['gate', 'start', 'r1']);
  // Both places are taken, and more waits: a gate does not.
  urgencies.set('r3', 'now');
  queue.add('r3');
  await settled();
  expect(begun).toEqual(['gate', 'start', 'r1', 'r3']);
  await stop();
});

test('a key whose urgency cannot be told has its turn, also when it is added during its own work', async () => {
  const { queue, begun, end, settled, stop } = staged(1, () => {
    throw new Error('an object that nobody understands');
  });
  queue.add('a');
  await settled();
  queue.add('a');
  await end('a');
  expect(begun).toEqual(['a', 'a']);
  await stop();
});
