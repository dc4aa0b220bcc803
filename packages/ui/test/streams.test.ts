import { expect, test } from '@jest/globals';
import type { Caller } from '../src/server/caller.ts';
import { Streams } from '../src/server/console/streams.ts';
import { SharedReads } from '../src/server/shared-reads.ts';

/** A session of a person. */
function session(user: string): Caller {
  const ended = new AbortController().signal;
  return {
    session: { auth: 'token', user, mayAct: false, hasNamespaces: true },
    source: {} as Caller['source'],
    reads: new SharedReads(1000, ended),
    intervalMs: 1000,
    ended,
  };
}

test('the sessions of one person share their streams, and leave those of others', () => {
  const streams = new Streams();
  const taken = Array.from({ length: 40 }, () => streams.take(session('eve')));
  expect(taken.filter((release) => release !== undefined)).toHaveLength(16);
  expect(streams.take(session('ada'))).toBeDefined();
  taken[0]?.();
  expect(streams.take(session('eve'))).toBeDefined();
  expect(streams.take(session('eve'))).toBeUndefined();
});
