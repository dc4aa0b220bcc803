import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { execa } from 'execa';
import { makeRepository } from '../../../src/run/inputs/local-repository.ts';
import { temporaryDirectories } from '../../temporary.ts';

const temporary = temporaryDirectories();

async function git(...args: readonly string[]): Promise<string> {
  return (await execa('git', [...args])).stdout;
}

test('makes one commit of a plain directory', async () => {
  const source = await temporary();
  await mkdir(join(source, 'src'));
  await writeFile(join(source, 'src', 'app.js'), 'export {};\n');
  const url = await makeRepository(source, join(await temporary(), 'repository'), 'trunk');
  expect(await git('-C', url, 'ls-tree', '-r', '--name-only', 'trunk')).toBe('src/app.js');
});

test('clones a git repository', async () => {
  const source = await temporary();
  await git('init', '--quiet', '--initial-branch=main', source);
  const identity = ['-c', 'user.name=a', '-c', 'user.email=a@b.c'];
  await git('-C', source, ...identity, 'commit', '--quiet', '--allow-empty', '-m', 'First');
  const url = await makeRepository(source, join(await temporary(), 'repository'), 'main');
  expect(url).not.toBe(source);
  expect(await git('-C', url, 'log', '--format=%s', 'main')).toBe('First');
});

test('makes an empty commit without a source', async () => {
  const url = await makeRepository(undefined, join(await temporary(), 'repository'), 'main');
  expect(await git('-C', url, 'ls-tree', '-r', 'main')).toBe('');
});
