import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
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

test('takes the files of Git LFS along, also from a worktree', async () => {
  const source = await temporary();
  await git('init', '--quiet', '--initial-branch=main', source);
  const objects = join(source, '.git/lfs/objects');
  const stored = `ab/cd/abcd${'0'.repeat(60)}`;
  await mkdir(join(objects, 'ab/cd'), { recursive: true });
  await writeFile(join(objects, stored), 'large');
  await symlink(await temporary(), join(objects, 'cd'));
  await execa('mkfifo', [join(objects, `ab/cd/${'1'.repeat(64)}`)]);
  // The directory may be a link to any other.
  await mkdir(join(objects, '.ssh'));
  await writeFile(join(objects, '.ssh/id'), 'key');
  await writeFile(join(objects, 'ab/note'), 'note');
  const identity = ['-c', 'user.name=a', '-c', 'user.email=a@b.c'];
  await git('-C', source, ...identity, 'commit', '--quiet', '--allow-empty', '-m', 'First');
  const tree = join(await temporary(), 'tree');
  await git('-C', source, 'worktree', 'add', '--quiet', tree);
  for (const from of [source, tree]) {
    const url = await makeRepository(from, join(await temporary(), 'repository'), 'main');
    expect(await readFile(join(url, 'lfs/objects', stored), 'utf8')).toBe('large');
    // A link could lead anywhere, and a pipe would be read for ever.
    const copied = await readdir(join(url, 'lfs/objects'), { recursive: true });
    expect(copied.toSorted()).toEqual(['ab', 'ab/cd', stored]);
  }
});

test('makes an empty commit without a source', async () => {
  const url = await makeRepository(undefined, join(await temporary(), 'repository'), 'main');
  expect(await git('-C', url, 'ls-tree', '-r', 'main')).toBe('');
});

test.each([
  ['rm -rf .git/refs .git/HEAD; echo x > .git/HEAD', /git cannot clone the repository .*: fatal: /],
  ["echo '[core' >> .git/config", /git cannot clone the repository .*: fatal: bad config line /],
  [
    'git -c user.name=a -c user.email=a@b.c commit -q --allow-empty -m x; rm -f .git/objects/*/*',
    /git cannot clone the repository .*: fatal: missing object /,
  ],
  ['true', /the repository .* has no branch with a commit/],
])('a repository that cannot be used is named: %s', async (script, message) => {
  const source = await temporary();
  await git('init', '--quiet', '--initial-branch=main', source);
  await execa('sh', ['-c', script], { cwd: source });
  const made = makeRepository(source, join(await temporary(), 'repository'), 'main');
  await expect(made).rejects.toThrow(message);
});
