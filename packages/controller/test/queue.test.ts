import { expect, test } from '@jest/globals';
import { KeyedQueue, type Priority } from '../src/queue.ts';

/** A queue whose work ends when the test decides, with the keys that it has started, in order. */
function staged(concurrency: number, priority?: (key: string) => Priority) {
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const stop = new AbortController();
  const queue = new KeyedQueue({
    concurrency,
    ...(priority !== undefined && { priority }),
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
    /** Ends the work on a key, and lets the queue start the next one. */
    end: async (key: string) => {
      ends.get(key)?.();
      await new Promise(setImmediate);
    },
    settled: () => new Promise(setImmediate),
    abort: () => stop.abort(),
    running,
    stop: async () => {
      stop.abort();
      for (const end of ends.values()) end();
      await running;
    },
  };
}

test('queues a key once, and works on it again if it was added meanwhile', async () => {
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

test('keys of a higher priority come first and have additional slots', async () => {
  const priorities = new Map<string, Priority>([
    ['gate', 'high'],
    ['start', 'normal'],
  ]);
  const { queue, begun, end, settled, stop } = staged(2, (key) => priorities.get(key) ?? 'low');
  for (const key of ['r1', 'r2', 'r3', 'start', 'gate']) queue.add(key);
  await settled();
  expect(begun).toEqual(['gate', 'start']);
  await end('start');
  expect(begun).toEqual(['gate', 'start', 'r1']);
  // All regular slots are in use, but a key of high priority still starts.
  priorities.set('r3', 'high');
  queue.add('r3');
  await settled();
  expect(begun).toEqual(['gate', 'start', 'r1', 'r3']);
  await stop();
});

test('works on a key whose priority cannot be determined', async () => {
  const { queue, begun, end, settled, stop } = staged(1, () => {
    throw new Error('malformed object');
  });
  queue.add('a');
  await settled();
  queue.add('a');
  await end('a');
  expect(begun).toEqual(['a', 'a']);
  await stop();
});

test('never works on a key twice at the same time', async () => {
  const { queue, begun, end, settled, stop } = staged(2);
  queue.add('a');
  await settled();
  queue.add('a');
  await settled();
  expect([begun, queue.depth]).toEqual([['a'], 1]);
  await end('a');
  expect(begun).toEqual(['a', 'a']);
  await stop();
});

test('a key whose priority rises is worked on once', async () => {
  let priority: Priority = 'low';
  const { queue, begun, end, settled, stop } = staged(1, () => priority);
  for (const key of ['a', 'b']) queue.add(key);
  await settled();
  priority = 'normal';
  queue.add('b');
  expect(queue.depth).toBe(2);
  await end('a');
  await end('b');
  expect([begun, queue.depth]).toEqual([['a', 'b'], 0]);
  await stop();
});

test('an aborted queue starts nothing and ends with the work in progress', async () => {
  const { queue, begun, end, settled, abort, running } = staged(1);
  for (const key of ['a', 'b']) queue.add(key);
  await settled();
  let ended = false;
  const over = running.then(() => {
    ended = true;
  });
  abort();
  await settled();
  expect(ended).toBe(false);
  await end('a');
  await over;
  expect(begun).toEqual(['a']);
});

test('retries a failed key with a growing delay, which a success resets', async () => {
  const stop = new AbortController();
  const delays: number[] = [];
  let turns = 0;
  const queue = new KeyedQueue({
    concurrency: 1,
    onError: (_, error, retryMs) => {
      expect(error).toEqual(new Error('away'));
      delays.push(retryMs);
      if (delays.length === 3) stop.abort();
    },
    work: async () => {
      turns += 1;
      if (turns !== 3) throw new Error('away');
      return 1;
    },
  });
  queue.add('a');
  await queue.run(stop.signal);
  const [first = 0, second = 0, anew = 0] = delays;
  expect(second).toBeGreaterThan(first);
  expect(second).toBeGreaterThan(anew);
});

test('earlier work cancels a scheduled one, and forgetting a key cancels it too', async () => {
  const stop = new AbortController();
  const begun: string[] = [];
  const queue = new KeyedQueue({
    concurrency: 1,
    onError: () => {},
    work: async (key) => {
      begun.push(key);
      if (key === 'last') stop.abort();
      return undefined;
    },
  });
  queue.add('gone', 1);
  queue.forget('gone');
  queue.add('seen', 1);
  queue.add('seen');
  queue.add('last', 50);
  await queue.run(stop.signal);
  expect(begun).toEqual(['seen', 'last']);
});

test('namespaces take turns, however many keys one of them has', async () => {
  const { queue, begun, end, settled, stop } = staged(1);
  for (let index = 0; index < 10_000; index += 1) queue.add(`hostile/${index}`);
  for (const key of ['calm/a', 'calm/b', 'other/a']) queue.add(key);
  await settled();
  for (let index = 0; index < 5; index += 1) await end(begun.at(-1) ?? '');
  expect(begun).toEqual([
    ...['hostile/0', 'calm/a', 'other/a'],
    ...['hostile/1', 'calm/b', 'hostile/2'],
  ]);
  await stop();
});

test('work that hangs in one namespace leaves slots to the others', async () => {
  const { queue, begun, end, settled, stop } = staged(16);
  const of = (namespace: string) => begun.filter((key) => key.startsWith(namespace)).length;
  for (let index = 0; index < 100; index += 1) queue.add(`hanging/${index}`);
  await settled();
  expect(of('hanging')).toBe(12);
  for (let index = 0; index < 100; index += 1) queue.add(`hanging-too/${index}`);
  await settled();
  expect(of('hanging-too')).toBe(3);
  queue.add('calm/a');
  await settled();
  expect(begun.at(-1)).toBe('calm/a');
  await end('calm/a');
  expect(queue.depth).toBe(200);
  await stop();
});

test('respects the delay that an error asks for', async () => {
  const pauses: number[] = [];
  const stop = new AbortController();
  const queue = new KeyedQueue({
    concurrency: 1,
    work: () => Promise.reject(new Error('slow down')),
    retryAfter: () => 30_000,
    onError: (_key, _error, ms) => {
      pauses.push(ms);
      stop.abort();
    },
  });
  queue.add('a');
  await queue.run(stop.signal);
  expect(pauses).toEqual([30_000]);
});
