import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, rm, utimes } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import {
  inboxDirectory,
  inboxFile,
  LockLostError,
  type Mail,
  sendMail,
  takeMail,
  watchDirectory,
  withLock,
} from '../src/index.ts';
import { temporaryTeam } from './temporary.ts';

test('mail of several processes arrives once each, in the order of each sender', async () => {
  const at = await temporaryTeam();
  const program = fileURLToPath(new URL('send-many.ts', import.meta.url));
  const senders = ['a', 'b', 'c', 'd'];
  let sending = true;
  const done = Promise.all(
    senders.map(async (name) => {
      const args = ['--conditions=source', program, at.teams, name, 'worker', '40'];
      const child = spawn(process.execPath, args, { stdio: 'inherit' });
      expect(await once(child, 'exit')).toEqual([0, null]);
    }),
  ).finally(() => {
    sending = false;
  });
  const taken: Mail[] = [];
  const take = () =>
    takeMail(at, 'worker', new Set(senders), async ({ mail }) => void taken.push(...mail));
  while (sending) {
    await take();
    await new Promise((resolve) => setImmediate(resolve));
  }
  await done;
  await take();
  for (const sender of senders) {
    const texts = taken.filter(({ from }) => from === sender).map(({ text }) => text);
    expect(texts).toEqual(Array.from({ length: 40 }, (_, index) => String(index)));
  }
  expect((await readdir(inboxDirectory(at))).sort()).toEqual(['worker.json']);
});

test('an old lock of a killed process is taken over', async () => {
  const at = await temporaryTeam();
  const lock = `${inboxFile(at, 'worker')}.lock`;
  await mkdir(lock, { recursive: true });
  const before = new Date(Date.now() - 11_000);
  await utimes(lock, before, before);
  await sendMail(at, 'worker', { from: 'a', text: 'through' });
  expect(await readdir(dirname(lock))).toEqual(['worker.json']);
});

test('only one caller holds the lock at a time, even within one process', async () => {
  const at = await temporaryTeam();
  const file = inboxFile(at, 'worker');
  await mkdir(dirname(file), { recursive: true });
  let inside = 0;
  let max = 0;
  const work = () =>
    withLock(file, async () => {
      inside += 1;
      max = Math.max(max, inside);
      await new Promise((resolve) => setImmediate(resolve));
      inside -= 1;
    });
  await Promise.all(Array.from({ length: 8 }, work));
  expect(max).toBe(1);
});

test('the holder of a lost lock notices before it writes', async () => {
  const at = await temporaryTeam();
  const file = inboxFile(at, 'worker');
  const { signal } = new AbortController();
  const losing = withLock(file, async ({ assertHeld }) => {
    await rm(`${file}.lock`, { recursive: true });
    for await (const _ of watchDirectory(dirname(file), { signal, pollMs: 50 })) assertHeld();
  });
  await expect(losing).rejects.toThrow(LockLostError);
});
