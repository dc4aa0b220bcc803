import { describe, expect, test } from '@jest/globals';
import { Retryable, retryAfter, withBackoff } from '../src/backoff.ts';

const BRIEF = { attempts: 3, first: 1, longest: 2 };
const never = new AbortController().signal;

/** Returns the number of attempts and the result. */
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

describe('work that fails', () => {
  const cause = new Error('busy');

  test('is repeated until it succeeds', async () => {
    const fail = (attempt: number) => (attempt < 3 ? new Retryable(cause) : undefined);
    expect(await tried(fail)).toEqual([3, 'done']);
  });

  test('is repeated at most as often as allowed, whatever delay the error asks for', async () => {
    expect(await tried(() => new Retryable(cause, 86_400_000))).toEqual([3, cause]);
  });

  test('with a final error is not repeated', async () => {
    expect(await tried(() => cause)).toEqual([1, cause]);
  });

  test('is not repeated after the signal has aborted', async () => {
    const end = new AbortController();
    const stopped = new Error('stopped');
    const fail = () => {
      end.abort(stopped);
      return new Retryable(cause);
    };
    expect(await tried(fail, end.signal)).toEqual([1, stopped]);
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

test('Retry-After can be a date', () => {
  const after = retryAfter(new Date(Date.now() + 3_600_000).toUTCString()) ?? 0;
  expect(Math.round(after / 60_000)).toBe(60);
});
