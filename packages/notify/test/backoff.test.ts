import { describe, expect, test } from '@jest/globals';
import { Retryable, retryAfter, withBackoff } from '../src/backoff.ts';

const BRIEF = { attempts: 3, first: 1, longest: 2 };
const never = new AbortController().signal;

/** How often it is tried, and what it comes to. */
async function tried(fail: (attempt: number) => Error | undefined, signal = never) {
  let attempts = 0;
  const work = async () => {
    attempts += 1;
    const error = fail(attempts);
    if (error) throw error;
    return 'done';
  };
  const result = await withBackoff(BRIEF, signal, work).catch((error: unknown) => error);
  return [attempts, result];
}

describe('what fails', () => {
  const cause = new Error('busy');

  test('is tried again until it does not', async () => {
    const fail = (attempt: number) => (attempt < 3 ? new Retryable(cause) : undefined);
    expect(await tried(fail)).toEqual([3, 'done']);
  });

  test('is tried no more often than it may be, however long it is asked to wait', async () => {
    expect(await tried(() => new Retryable(cause, 86_400_000))).toEqual([3, cause]);
  });

  test('for good is not tried again', async () => {
    expect(await tried(() => cause)).toEqual([1, cause]);
  });

  test('is not tried again by who is told to end', async () => {
    const end = new AbortController();
    const told = new Error('told to end');
    const fail = () => {
      end.abort(told);
      return new Retryable(cause);
    };
    expect(await tried(fail, end.signal)).toEqual([1, told]);
  });
});

test.each([
  ['7', 7000],
  ['0', 0],
  ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
  ['soon', undefined],
  ['', undefined],
  [null, undefined],
])('Retry-After: %s is %s ms', (header, after) => expect(retryAfter(header)).toBe(after));

test('Retry-After may name an instant', () => {
  const after = retryAfter(new Date(Date.now() + 3_600_000).toUTCString()) ?? 0;
  expect(Math.round(after / 60_000)).toBe(60);
});
