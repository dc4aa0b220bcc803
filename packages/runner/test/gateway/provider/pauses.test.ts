import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readProviderWait } from '@agentteam/volume';
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

test('faults of the provider are one wait, and a credential that is refused is another', async () => {
  const first = await pauses.turnedAway('opus', { reason: 'no-connection', detail: 'ENOTFOUND' });
  const second = await pauses.turnedAway('opus', { reason: 'server-error', detail: '503' });
  expect(second.since).toBe(first.since);
  // The clock has to move on: times have milliseconds.
  while (Date.now() <= Date.parse(second.since));
  const third = await pauses.turnedAway('opus', { reason: 'credential', detail: '401' });
  expect(Date.parse(third.since)).toBeGreaterThan(Date.parse(first.since));
});

test('another credential ends a wait, however long it was to be', async () => {
  await pauses.turnedAway('opus', { reason: 'usage-limit', forMs: 3_600_000 });
  const waiting = pauses.turn('opus', NEVER);
  credential = 'second';
  await waiting;
});

test('an answer to a request that was sent before a wait does not end it', async () => {
  const sentAt = await pauses.turn('opus', NEVER);
  await pauses.turnedAway('opus', { reason: 'usage-limit', forMs: 3_600_000 });
  pauses.answered('opus', sentAt);
  expect(pauses.current).toMatchObject({ reason: 'usage-limit' });
});

test('an agent that has gone waits no more, and what it waited for is read by the next gateway', async () => {
  const wait = await pauses.turnedAway('opus', { reason: 'usage-limit', forMs: 3_600_000 });
  const gone = new AbortController();
  const waiting = pauses.turn('opus', gone.signal);
  gone.abort(new Error('gone'));
  await expect(waiting).rejects.toThrow('gone');
  await pauses.end();
  expect(await readProviderWait(control, 'worker')).toEqual(wait);
  pauses = await open();
  expect(pauses.current).toEqual(wait);
  const late = new AbortController();
  const again = pauses.turn('haiku', late.signal);
  late.abort(new Error('still waiting'));
  await expect(again).rejects.toThrow('still waiting');
});

test('pauses double up to their longest, a quarter shorter or longer', () => {
  expect([1, 2, 3, 4].map((tries) => pauseMs('overloaded', tries, 0.5))).toEqual([
    1000, 2000, 4000, 8000,
  ]);
  expect(pauseMs('overloaded', 100, 0.5)).toBe(60_000);
  expect([0, 1].map((random) => pauseMs('no-credit', 1, random))).toEqual([22_500, 37_500]);
  expect([spreadMs(20_000, 1), spreadMs(3_600_000, 1)]).toEqual([2000, 5000]);
});
