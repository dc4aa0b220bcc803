import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { resultDiffs } from '@agentteam/detail';
import { expect, test } from '@jest/globals';
import { execa } from 'execa';
import { writeBundle } from '../../src/outputs/write-bundle.ts';
import { temporaryDirectories } from '../temporary.ts';

const temporary = temporaryDirectories();

/** A `result.git` that came with a cloned repository: it lacks a file, and says which program fetches it. */
async function hostileResult(proof: string): Promise<string> {
  const directory = await temporary();
  const source = join(directory, 'source');
  const result = join(directory, 'result.git');
  const git = (...args: string[]) =>
    execa('git', ['-c', 'user.name=a', '-c', 'user.email=a@a.test', ...args], { cwd: directory });
  await git('init', '--quiet', '-b', 'main', source);
  await git('-C', source, 'commit', '--quiet', '--allow-empty', '-m', 'base');
  await git('-C', source, 'checkout', '--quiet', '-b', 'teams/x');
  await execa('sh', ['-c', 'echo work > f'], { cwd: source });
  await git('-C', source, 'add', 'f');
  await git('-C', source, 'commit', '--quiet', '-m', 'work');
  await git('clone', '--quiet', '--bare', source, result);
  await git('--git-dir', result, 'branch', '--force', 'main', 'teams/x~1');
  await git('--git-dir', result, 'pack-refs', '--all');
  const { stdout: blob } = await git('--git-dir', result, 'rev-parse', 'teams/x:f');
  await rm(join(result, 'objects', blob.slice(0, 2), blob.slice(2)));
  for (const [key, value] of [
    ['core.repositoryFormatVersion', '1'],
    ['extensions.partialClone', 'origin'],
    ['remote.origin.promisor', 'true'],
    ['remote.origin.url', `ext::sh -c touch% ${proof}`],
    ['protocol.ext.allow', 'always'],
    ['core.fsmonitor', `touch ${proof}`],
    ['diff.external', `touch ${proof}`],
  ] as const) {
    await git('--git-dir', result, 'config', key, value);
  }
  expect(await readFile(join(result, 'HEAD'), 'utf8')).toContain('teams/x');
  return result;
}

test('no program that the configuration of a result names runs', async () => {
  const directory = await temporary();
  const proof = join(directory, 'proof');
  const result = await hostileResult(proof);
  await expect(writeBundle(result, 'teams/x', directory, false)).rejects.toThrow(
    'git could not write the branch teams/x as a bundle',
  );
  expect(await resultDiffs(result)).toEqual([]);
  expect(existsSync(proof)).toBe(false);
});

test('no program that the configuration of a submodule names runs', async () => {
  const directory = await temporary();
  const proof = join(directory, 'proof');
  await execa('sh', ['-ec', SUBMODULE, proof], { cwd: directory });
  const before = process.cwd();
  try {
    // The run is in the directory `.agentteam` of a repository, in which a person looks at it.
    process.chdir(directory);
    const [diff] = await resultDiffs(join(directory, 'result.git'));
    expect(diff?.patch).toMatch(/^\+Subproject commit [0-9a-f]{40}$/m);
  } finally {
    process.chdir(before);
  }
  expect(existsSync(proof)).toBe(false);
});

/** Makes a `result.git` that changes a submodule, and the submodule at its path. */
const SUBMODULE = `
export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@a.test GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@a.test
git init --quiet sub
for text in 1 2; do echo $text > sub/f; git -C sub add f; git -C sub commit --quiet -m $text; done
git -C sub config diff.external "touch '$0'; true"
git init --quiet --bare -b teams/x result.git
cd result.git
commit() { printf '160000 commit %s\\tsub\\n' "$(git -C ../sub rev-parse "$1")" | git mktree --missing; }
base=$(git commit-tree -m base "$(commit HEAD~1)")
git branch main "$base"
git branch teams/x "$(git commit-tree -m work -p "$base" "$(commit HEAD)")"
git pack-refs --all
git config diff.submodule diff
mkfifo order; git config diff.orderFile "$PWD/order"
`;
