import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { readUntrusted } from '../src/index.ts';
import { temporaryDirectory } from './temporary.ts';

test('reads plain files only, up to a limit', async () => {
  const directory = await temporaryDirectory();
  const pipe = join(directory, 'pipe');
  await promisify(execFile)('mkfifo', [pipe]);
  expect(await readUntrusted(pipe)).toBeUndefined();
  expect(await readUntrusted(directory)).toBeUndefined();
  const file = join(directory, 'file');
  expect(await readUntrusted(join(file, 'below'))).toBeUndefined();
  await writeFile(file, 'eleven byte');
  expect(await readUntrusted(join(file, 'below'))).toBeUndefined();
  expect(await readUntrusted(file, 11)).toBe('eleven byte');
  expect(await readUntrusted(file, 10)).toBeUndefined();
});
