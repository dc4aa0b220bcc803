import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { findMergeHead } from '../commits.ts';
import { inTree, type RepositoryOptions } from '../options.ts';
import { type TeamRepository, treeOf } from '../repository.ts';
import { type GitOptions, git, gitFields } from '../run.ts';
import { isPlaced } from '../scope/placed.ts';

/** A path in a worktree that differs from the last commit. */
export interface ChangedPath {
  /** The path of a repository inside the worktree ends with a slash. */
  readonly path: string;
  /** Whether it is in neither the last commit nor a commit that is being merged. */
  readonly isNew: boolean;
  /** Whether it is staged, without a change since. */
  readonly staged: boolean;
}

async function changedPaths(options: RepositoryOptions): Promise<readonly ChangedPath[]> {
  const merged = await pathsInMerge(options);
  const args = ['status', '--porcelain', '-z', '--no-renames', '--untracked-files=all'];
  const lines = await gitFields(args, options);
  return lines.map((line) => {
    const path = line.slice('XY '.length);
    const isNew = (line.startsWith('??') || line.startsWith('A')) && !merged.has(path);
    return { path, isNew, staged: line[1] === ' ' };
  });
}

/** Paths on the other side of a merge in progress. */
async function pathsInMerge(options: RepositoryOptions): Promise<ReadonlySet<string>> {
  if ((await findMergeHead(options)) === undefined) return new Set();
  const list = ['ls-tree', '-r', '-z', '--name-only', '--full-tree', 'MERGE_HEAD'];
  return new Set(await gitFields(list, options));
}

/**
 * Undoes `--assume-unchanged` and `--skip-worktree`. Changes to such files would get lost, and the
 * checks would see files that are not in the result.
 */
export async function unhideChanges(options: GitOptions): Promise<void> {
  const listed = await gitFields(['ls-files', '-v', '-z'], options);
  // A lower-case letter means assume-unchanged, and S means skip-worktree.
  const hidden = listed.filter((line) => /^[a-zS] /.test(line)).map((line) => line.slice(2));
  if (hidden.length === 0) return;
  const input = hidden.map((path) => `${path}\0`).join('');
  for (const flag of ['--no-assume-unchanged', '--no-skip-worktree']) {
    await git(['update-index', flag, '-z', '--stdin'], { ...options, input });
  }
}

/**
 * Lists the paths in an agent's worktree that differ from the last commit. Git does not look into
 * directories with a repository of their own. One without commits is removed, so that the files
 * around it are listed; one with commits is left alone and listed as a single path. Files that the team has
 * placed are not listed, and the index forgets those that the agent has staged.
 */
export async function changedInTree(
  repository: TeamRepository,
  agent: string,
  signal: AbortSignal,
): Promise<readonly ChangedPath[]> {
  const options = inTree(repository, agent, signal);
  const paths = await changedPaths(options);
  let opened = false;
  for (const { path } of paths) {
    // Only untracked repositories are listed as directories.
    if (!path.endsWith('/')) continue;
    const inner = join(treeOf(repository, agent), path, '.git');
    if (await isUnborn({ ...options, env: { GIT_DIR: inner } })) {
      await rm(inner, { recursive: true, force: true });
      opened = true;
    }
  }
  const changed = opened ? await changedPaths(options) : paths;
  const placed = changed.filter(({ path, isNew }) => isNew && isPlaced(repository, path));
  await unstage(placed, options);
  return changed.filter((one) => !placed.includes(one));
}

/** Removes files that the agent has added, but not committed, from its index. */
export async function unstage(
  files: readonly { readonly path: string }[],
  options: GitOptions,
): Promise<void> {
  if (files.length === 0) return;
  const input = files.map(({ path }) => `${path.replace(/\/$/, '')}\0`).join('');
  const fromInput = ['--pathspec-from-file=-', '--pathspec-file-nul'];
  const remove = ['rm', '-r', '--cached', '--force', '--quiet', '--ignore-unmatch', ...fromInput];
  await git(remove, { ...options, input });
}

/** Whether a repository never had a commit. A broken one may have had some. */
async function isUnborn(options: GitOptions): Promise<boolean> {
  const head = await git(['symbolic-ref', '--quiet', 'HEAD'], { ...options, accept: [0, 1, 128] });
  if (head.exitCode !== 0) return false;
  const refs = ['for-each-ref', '--count=1', '--format=%(refname)'];
  const { exitCode, stdout } = await git(refs, { ...options, accept: [0, 1, 128] });
  return exitCode === 0 && stdout === '';
}
