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

test('the service accounts of a namespace leave streams to others, however many there are', () => {
  const streams = new Streams();
  const taken = Array.from({ length: 1000 }, (_, number) =>
    streams.take(session(`system:serviceaccount:evil:account-${number}`)),
  );
  const open = taken.filter((release) => release !== undefined);
  expect(open).toHaveLength(128);
  expect(streams.take(session('system:serviceaccount:other:ada'))).toBeDefined();
  expect(streams.take(session('ada'))).toBeDefined();
  for (const release of open) release();
  expect(streams.take(session('system:serviceaccount:evil:last'))).toBeDefined();
});
