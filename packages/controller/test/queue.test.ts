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
    abort: () => stop.abort(),
    running,
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

test('no key is worked on twice at a time, also where there are places', async () => {
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

test('a key that has become urgent has one turn, and not its old one besides', async () => {
  let urgency: Urgency = 'later';
  const { queue, begun, end, settled, stop } = staged(1, () => urgency);
  for (const key of ['a', 'b']) queue.add(key);
  await settled();
  urgency = 'soon';
  queue.add('b');
  expect(queue.depth).toBe(2);
  await end('a');
  await end('b');
  expect([begun, queue.depth]).toEqual([['a', 'b'], 0]);
  await stop();
});

test('a queue that is told to stop begins nothing more, and ends when what it had begun has', async () => {
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

test('a key that failed comes back after a growing delay, which begins anew once it went well', async () => {
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

test('what was asked for later is answered by a look before, and forgotten with its object', async () => {
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

test('namespaces take turns, however much one of them has to do', async () => {
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

test('work that hangs in one namespace leaves places to the others', async () => {
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

test('an error that names a pause has it', async () => {
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
