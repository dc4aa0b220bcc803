import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ProviderWait } from '@agentteam/contract';
import { recordPastProviderWait, waitDirectory, writeProviderWait } from '@agentteam/volume';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { attemptSpans, providerWaitSpans } from '../src/volume/waits.ts';

const wait = (minute: number): ProviderWait => ({
  reason: 'usage-limit',
  since: `2026-11-29T10:0${minute}:00.000Z`,
  until: '2026-11-29T11:00:00.000Z',
  told: true,
});
const NAME = 'waits for the provider: usage limit, until 2026-11-29 11:00:00 UTC';

let control: string;

beforeEach(async () => {
  control = await mkdtemp(join(tmpdir(), 'agentteam-waits-'));
});
afterEach(async () => {
  await rm(control, { recursive: true });
});

test('waits that are over and the current one are spans', async () => {
  expect(await providerWaitSpans(control, 'dev')).toEqual([]);
  const ended = '2026-11-29T10:00:30.000Z';
  await recordPastProviderWait(control, 'dev', { ...wait(0), ended });
  await writeProviderWait(control, 'dev', wait(5));
  expect(await providerWaitSpans(control, 'dev')).toEqual([
    { kind: 'wait', name: NAME, from: wait(0).since, to: ended },
    { kind: 'wait', name: NAME, from: wait(5).since },
  ]);
  expect(await providerWaitSpans(control, 'other')).toEqual([]);
});

test('a wait whose end was recorded before its file was removed is one span', async () => {
  const ended = '2026-11-29T10:00:30.000Z';
  await writeProviderWait(control, 'dev', wait(0));
  await recordPastProviderWait(control, 'dev', { ...wait(0), ended });
  expect(await providerWaitSpans(control, 'dev')).toHaveLength(1);
});

test('a line that a killed gateway has left incomplete is skipped', async () => {
  const ended = '2026-11-29T10:00:30.000Z';
  await recordPastProviderWait(control, 'dev', { ...wait(0), ended });
  await writeFile(join(waitDirectory(control), 'dev.jsonl'), '{"reason":"usa', { flag: 'a' });
  expect(await providerWaitSpans(control, 'dev')).toHaveLength(1);
});

test('restarts are attempts with the pause before them', () => {
  const [first, second] = [
    { from: '2026-11-29T10:00:00Z', to: '2026-11-29T10:01:00Z' },
    { from: '2026-11-29T10:01:10Z' },
  ];
  expect(attemptSpans([first, second])).toEqual([
    { kind: 'attempt', name: 'attempt 1', ...first },
    { kind: 'wait', name: 'waits for restart 1', from: first.to, to: second.from },
    { kind: 'attempt', name: 'attempt 2, restart 1', ...second },
  ]);
});
