import { expect, test } from '@jest/globals';
import { SharedReads } from '../src/server/shared-reads.ts';

const never = new AbortController().signal;

test('pages that follow the same thing share its readings, and those of another thing are its own', async () => {
  const reads = new SharedReads(3_600_000, never);
  const done: string[] = [];
  const reading = (key: string) => () =>
    reads.read(key, async () => {
      done.push(key);
      return { key };
    });
  const [first, second] = await Promise.all([reading('a')(), reading('a')()]);
  expect(second).toBe(first);
  expect(await reading('a')()).toBe(first);
  expect(await reading('b')()).toEqual({ key: 'b' });
  expect(done).toEqual(['a', 'b']);
});

test('after the interval, a page reads again', async () => {
  const reads = new SharedReads(0, never);
  let count = 0;
  const read = () =>
    reads.read('a', async () => {
      count += 1;
      return count;
    });
  expect([await read(), await read(), await read()]).toEqual([1, 2, 3]);
});

test('a failure reaches all pages', async () => {
  const reads = new SharedReads(3_600_000, never);
  let count = 0;
  const read = () =>
    reads.read('a', async () => {
      count += 1;
      throw new Error('refused');
    });
  await expect(Promise.all([read(), read()])).rejects.toThrow('refused');
  await expect(read()).rejects.toThrow('refused');
  expect(count).toBe(1);
});

test('a reading ends with the access of its person, not with a page', async () => {
  const access = new AbortController();
  const reads = new SharedReads(3_600_000, access.signal);
  const aborted = reads.read('a', async (signal) => {
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    return signal.aborted;
  });
  access.abort();
  expect(await aborted).toBe(true);
});
