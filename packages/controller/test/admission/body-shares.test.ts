import { expect, test } from '@jest/globals';
import { BodyShares } from '../../src/admission/body-shares.ts';

const MB = 1 << 20;
const never = new AbortController().signal;

/** Lets promises that can settle do so. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

function shares() {
  const all = new BodyShares();
  const granted: string[] = [];
  const releases = new Map<string, () => void>();
  const take = (name: string, peer: string, bytes: number, signal = never) =>
    all.take(peer, bytes, signal).then(
      (release) => {
        granted.push(name);
        releases.set(name, release);
      },
      () => void granted.push(`${name} gone`),
    );
  return { take, granted, release: (name: string) => releases.get(name)?.() };
}

test('one peer gets a part of the room, and others the rest', async () => {
  const { take, granted, release } = shares();
  for (const name of ['a1', 'a2', 'a3']) void take(name, 'a', 8 * MB);
  void take('b1', 'b', 8 * MB);
  await settled();
  expect(granted).toEqual(['a1', 'a2', 'b1']);
  release('a1');
  await settled();
  expect(granted).toEqual(['a1', 'a2', 'b1', 'a3']);
});

test('peers take turns when there is no room', async () => {
  const { take, granted, release } = shares();
  const peers = ['a', 'b', 'c', 'd'];
  for (const peer of peers) {
    for (const n of [1, 2, 3, 4]) void take(`${peer}${n}`, peer, 8 * MB);
  }
  void take('server', 'server', 1);
  await settled();
  expect(granted).toHaveLength(8);
  expect(granted).not.toContain('server');
  for (const name of ['a1', 'a2', 'b1', 'b2', 'c1']) {
    release(name);
    await settled();
  }
  expect(granted.slice(8)).toEqual(['a3', 'server', 'b3', 'a4', 'c3']);
});

test('a request that is gone waits no longer, and keeps no room', async () => {
  const { take, granted, release } = shares();
  const gone = new AbortController();
  void take('a1', 'a', 16 * MB);
  void take('a2', 'a', 16 * MB, gone.signal);
  void take('a3', 'a', 16 * MB);
  gone.abort();
  await settled();
  release('a1');
  await settled();
  expect(granted).toEqual(['a1', 'a2 gone', 'a3']);
});

test('many small requests of one peer leave room to others', async () => {
  const { take, granted } = shares();
  for (let n = 0; n < 100; n += 1) void take(`a${n}`, 'a', 10);
  void take('b1', 'b', 10);
  await settled();
  expect(granted).toHaveLength(65);
  expect(granted).toContain('b1');
});
