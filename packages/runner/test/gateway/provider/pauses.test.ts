import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readPastProviderWaits, readProviderWait } from '@agentteam/volume';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { pauseMs, spreadMs } from '../../../src/gateway/provider/pause-length.ts';
import { Pauses } from '../../../src/gateway/provider/pauses.ts';

const ignore = () => {};
const LOG = { info: ignore, warn: ignore, error: ignore };
const NEVER = new AbortController().signal;

let control: string;
let pauses: Pauses;
let credential: string;
const open = () =>
  Pauses.open({ control, agent: 'worker', log: LOG, credential: async () => credential });
beforeEach(async () => {
  control = await mkdtemp(join(tmpdir(), 'agentteam-pauses '));
  credential = 'first';
  pauses = await open();
});
afterEach(async () => {
  await pauses.end();
  await rm(control, { recursive: true, force: true });
});

test('faults of the provider are one wait, and a refused credential is another', async () => {
  const first = await pauses.pause('opus', { reason: 'no-connection', detail: 'ENOTFOUND' });
  const second = await pauses.pause('opus', { reason: 'server-error', detail: '503' });
  expect(second.since).toBe(first.since);
  // The clock must advance: times have milliseconds.
  while (Date.now() <= Date.parse(second.since));
  const third = await pauses.pause('opus', { reason: 'credential', detail: '401' });
  expect(Date.parse(third.since)).toBeGreaterThan(Date.parse(first.since));
});

test('a new credential ends a wait of any length', async () => {
  await pauses.pause('opus', { reason: 'usage-limit', forMs: 3_600_000 });
  const waiting = pauses.waitForTurn('opus', NEVER);
  credential = 'second';
  await waiting;
});

test('the answer to an earlier request does not end a wait', async () => {
  const sentAt = await pauses.waitForTurn('opus', NEVER);
  await pauses.pause('opus', { reason: 'usage-limit', forMs: 3_600_000 });
  pauses.answered('opus', sentAt);
  expect(pauses.current).toMatchObject({ reason: 'usage-limit' });
});

test('an agent that has left waits no more, and the next gateway continues the wait', async () => {
  const wait = await pauses.pause('opus', { reason: 'usage-limit', forMs: 3_600_000 });
  const gone = new AbortController();
  const waiting = pauses.waitForTurn('opus', gone.signal);
  gone.abort(new Error('gone'));
  await expect(waiting).rejects.toThrow('gone');
  await pauses.end();
  expect(await readProviderWait(control, 'worker')).toEqual(wait);
  pauses = await open();
  expect(pauses.current).toEqual(wait);
  const late = new AbortController();
  const again = pauses.waitForTurn('haiku', late.signal);
  late.abort(new Error('still waiting'));
  await expect(again).rejects.toThrow('still waiting');
});

test('pauses double up to a maximum, and vary by a quarter', () => {
  expect([1, 2, 3, 4].map((tries) => pauseMs('overloaded', tries, 0.5))).toEqual([
    1000, 2000, 4000, 8000,
  ]);
  expect(pauseMs('overloaded', 100, 0.5)).toBe(60_000);
  expect([0, 1].map((random) => pauseMs('no-credit', 1, random))).toEqual([22_500, 37_500]);
  expect([spreadMs(20_000, 1), spreadMs(3_600_000, 1)]).toEqual([2000, 5000]);
});

test('a wait that is over is recorded with its end', async () => {
  const wait = await pauses.pause('opus', { reason: 'usage-limit', forMs: 600 });
  const sentAt = await pauses.waitForTurn('opus', NEVER);
  expect(await readPastProviderWaits(control, 'worker')).toEqual([]);
  pauses.answered('opus', sentAt);
  await pauses.end();
  const past = await readPastProviderWaits(control, 'worker');
  expect(past).toEqual([{ ...wait, ended: expect.any(String) }]);
  expect(Date.parse(past[0]?.ended ?? '')).toBeGreaterThanOrEqual(Date.parse(wait.since));
  expect(await readProviderWait(control, 'worker')).toBeUndefined();
});
