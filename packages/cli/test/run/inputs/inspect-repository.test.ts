import { appendFile, chmod, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { execa } from 'execa';
import { inspectRepository } from '../../../src/run/inputs/inspect-repository.ts';
import { makeRepository } from '../../../src/run/inputs/local-repository.ts';
import { temporaryDirectories } from '../../temporary.ts';

const temporary = temporaryDirectories();

async function repository(): Promise<string> {
  const directory = await temporary();
  const git = (...args: readonly string[]) => execa('git', ['-C', directory, ...args]);
  await git('init', '--quiet', '--initial-branch=main');
  const identity = ['-c', 'user.name=a', '-c', 'user.email=a@b.c'];
  await git(...identity, 'commit', '--quiet', '--allow-empty', '-m', 'First');
  return directory;
}

const HOME = '/nonexistent';
const env = { PATH: process.env['PATH'], HOME };

test('lists uncommitted files', async () => {
  const directory = await repository();
  expect(await inspectRepository(directory, env)).toEqual([]);
  for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) await writeFile(join(directory, name), '');
  expect(await inspectRepository(directory, env)).toEqual([
    expect.stringMatching(
      /uses only committed files of .*; uncommitted: a, b, c, d, e and 1 more$/,
    ),
  ]);
});

test('leaves out what the repository ignores, and sees changes as its settings say', async () => {
  const directory = await repository();
  const git = (...args: readonly string[]) => execa('git', ['-C', directory, ...args]);
  await writeFile(join(directory, 'tracked'), 'one\n');
  await git('add', '.');
  await git('-c', 'user.name=a', '-c', 'user.email=a@b.c', 'commit', '--quiet', '-m', 'Second');
  await appendFile(join(directory, '.git/info/exclude'), 'scratch\n');
  await writeFile(join(directory, 'scratch'), '');
  await git('config', 'core.fileMode', 'false');
  await chmod(join(directory, 'tracked'), 0o755);
  expect(await inspectRepository(directory, env)).toEqual([]);
  await writeFile(join(directory, 'tracked'), 'two\n');
  expect(await inspectRepository(directory, env)).toEqual([
    expect.stringMatching(/; uncommitted: tracked$/),
  ]);
});

test('runs no program that the repository names, also in a directory that looks like a bare one', async () => {
  const directory = await repository();
  const marks = await temporary();
  const run = (name: string) => `touch '${marks}/${name}'; :`;
  const git = (...args: readonly string[]) => execa('git', ['-C', directory, ...args]);
  await writeFile(join(directory, '.gitattributes'), '* filter=evil\n');
  await writeFile(join(directory, 'file'), 'one\n');
  await git('add', '.');
  await writeFile(join(directory, 'file'), 'two\n');
  await git('config', 'core.fsmonitor', run('monitor'));
  await git('config', 'filter.evil.clean', run('filter'));
  await git('status', '--porcelain');
  expect((await readdir(marks)).sort()).toEqual(['filter', 'monitor']);
  for (const name of await readdir(marks)) await rm(join(marks, name));

  expect(await inspectRepository(directory, env)).toHaveLength(1);
  // Such a directory comes with any clone.
  await mkdir(join(directory, '.git/files'));
  await git('config', 'core.worktree', 'files');
  expect(await inspectRepository(join(directory, '.git'), env)).toEqual([]);
  expect(await readdir(marks)).toEqual([]);
});

test("a repository of another user needs git's safe.directory", async () => {
  if (process.getuid?.() !== 0) return;
  const directory = await repository();
  await execa('chown', ['-R', '12345', directory]);
  await expect(inspectRepository(directory, env)).rejects.toThrow('belongs to another user');
  const home = await temporary();
  const trusting = { ...env, HOME: home };
  await writeFile(join(home, '.gitconfig'), `[safe]\n\tdirectory = ${directory}\n`);
  expect(await inspectRepository(directory, trusting)).toEqual([]);
  const url = await makeRepository(directory, join(await temporary(), 'clone'), 'main');
  expect((await execa('git', ['-C', url, 'log', '--format=%s'])).stdout).toBe('First');
});
