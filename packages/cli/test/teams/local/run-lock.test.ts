import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { holdRun, isHeld } from '../../../src/teams/local/run-lock.ts';
import { temporaryDirectories } from '../../temporary.ts';

const temporary = temporaryDirectories();

test('one process at a time, and it gives it back', async () => {
  const directory = await temporary();
  const release = await holdRun(directory, 'r');
  expect(await isHeld(directory)).toBe(true);
  await expect(holdRun(directory, 'r')).rejects.toThrow('another process is running r');
  await release();
  expect(await isHeld(directory)).toBe(false);
  await (await holdRun(directory, 'r'))();
});

test('two at the same instant: one gets it', async () => {
  const directory = await temporary();
  const results = await Promise.allSettled([holdRun(directory, 'r'), holdRun(directory, 'r')]);
  expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
});

test('a killed process holds nothing', async () => {
  const directory = await temporary();
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  await writeFile(join(directory, 'engine.pid'), `${child.pid} 1`);
  expect(await isHeld(directory)).toBe(false);
});

test('nor does another process that was given the same id later', async () => {
  const directory = await temporary();
  await writeFile(join(directory, 'engine.pid'), `${process.pid} 1`);
  expect(await isHeld(directory)).toBe(false);
});
