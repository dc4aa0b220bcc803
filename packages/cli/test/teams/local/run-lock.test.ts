import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { holderOf, holdRun, isHeld, isSuspended } from '../../../src/teams/local/run-lock.ts';
import { temporaryDirectories } from '../../temporary.ts';

const temporary = temporaryDirectories();

test('one process can hold a run and release it', async () => {
  const directory = await temporary();
  const release = await holdRun(directory, 'r');
  expect(await isHeld(directory)).toBe(true);
  await expect(holdRun(directory, 'r')).rejects.toThrow('another process is running r');
  await release();
  expect(await isHeld(directory)).toBe(false);
  await (await holdRun(directory, 'r'))();
});

test('one of two simultaneous requests succeeds', async () => {
  const directory = await temporary();
  const results = await Promise.allSettled([holdRun(directory, 'r'), holdRun(directory, 'r')]);
  expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
});

test('a process that has exited does not hold the run', async () => {
  const directory = await temporary();
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  await writeFile(join(directory, 'engine.pid'), `${child.pid} 1`);
  expect(await isHeld(directory)).toBe(false);
});

test('a process that reuses the id does not hold the run', async () => {
  const directory = await temporary();
  await writeFile(join(directory, 'engine.pid'), `${process.pid} 1`);
  expect(await isHeld(directory)).toBe(false);
});

test('a suspended process holds the run', async () => {
  const directory = await temporary();
  const child = spawn(process.execPath, ['-e', `process.kill(process.pid, 'SIGSTOP')`]);
  try {
    while (!isSuspended(child.pid ?? 0)) await setImmediate();
    const stat = await readFile(`/proc/${child.pid}/stat`, 'utf8');
    const startedAt = stat.replace(/^.*\) /s, '').split(' ')[19];
    await writeFile(join(directory, 'engine.pid'), `${child.pid} ${startedAt}`);
    expect(await holderOf(directory)).toBe(child.pid);
    expect(isSuspended(process.pid)).toBe(false);
  } finally {
    child.kill('SIGKILL');
  }
});
