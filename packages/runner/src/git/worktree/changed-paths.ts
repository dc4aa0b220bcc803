import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { findCommit } from '../commits.ts';
import { inTree } from '../places.ts';
import { type TeamRepository, treeOf } from '../repository.ts';
import { type GitOptions, git, gitFields } from '../run.ts';

export interface LeftPath {
  /** A repository inside the worktree ends with a slash. */
  readonly path: string;
  /** Whether neither the last commit has it, nor one that is being merged. */
  readonly isNew: boolean;
  /** Whether it was staged already, with nothing changed since. */
  readonly staged: boolean;
}

/** What differs from the last commit, untracked files one by one. */
async function changedPaths(options: GitOptions): Promise<readonly LeftPath[]> {
  const merged = await pathsInMerge(options);
  const args = ['status', '--porcelain', '-z', '--no-renames', '--untracked-files=all'];
  const lines = await gitFields(args, options);
  return lines.map((line) => {
    const path = line.slice('XY '.length);
    const isNew = (line.startsWith('??') || line.startsWith('A')) && !merged.has(path);
    return { path, isNew, staged: line[1] === ' ' };
  });
}

/** Of an open merge: what the other side has is nobody's leftover. */
async function pathsInMerge(options: GitOptions): Promise<ReadonlySet<string>> {
  if ((await findCommit('MERGE_HEAD', options)) === undefined) return new Set();
  const list = ['ls-tree', '-r', '-z', '--name-only', '--full-tree', 'MERGE_HEAD'];
  return new Set(await gitFields(list, options));
}

/**
 * Has git look again at files that it was told to take for unchanged: work would be lost, and checks
 * would see what is not in the result.
 */
export async function unhideChanges(options: GitOptions): Promise<void> {
  const listed = await gitFields(['ls-files', '-v', '-z'], options);
  // A small letter: assumed to be unchanged; S: to be skipped.
  const hidden = listed.filter((line) => /^[a-zS] /.test(line)).map((line) => line.slice(2));
  if (hidden.length === 0) return;
  const input = hidden.map((path) => `${path}\0`).join('');
  for (const flag of ['--no-assume-unchanged', '--no-skip-worktree']) {
    await git(['update-index', flag, '-z', '--stdin'], { ...options, input });
  }
}

/**
 * What differs from the last commit in an agent's worktree, with the files of directories in which
 * something ran `git init` and no more: git would not look into those, and their files would be lost.
 * A repository with commits is left as it is, and its directory is one path.
 */
export async function changedInTree(
  repository: TeamRepository,
  agent: string,
  signal: AbortSignal,
): Promise<readonly LeftPath[]> {
  const options = inTree(repository, agent, signal);
  const paths = await changedPaths(options);
  let opened = false;
  for (const { path } of paths) {
    // Of all that is untracked only repositories are listed as directories.
    if (!path.endsWith('/')) continue;
    const inner = join(treeOf(repository, agent), path, '.git');
    if (await isUnborn({ ...options, env: { GIT_DIR: inner } })) {
      await rm(inner, { recursive: true, force: true });
      opened = true;
    }
  }
  return opened ? changedPaths(options) : paths;
}

/** Whether a repository has never had a commit. One that is broken may have. */
async function isUnborn(options: GitOptions): Promise<boolean> {
  const head = await git(['symbolic-ref', '--quiet', 'HEAD'], { ...options, accept: [0, 1, 128] });
  if (head.exitCode !== 0) return false;
  const refs = ['for-each-ref', '--count=1', '--format=%(refname)'];
  const { exitCode, stdout } = await git(refs, { ...options, accept: [0, 1, 128] });
  return exitCode === 0 && stdout === '';
}
