import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import type { TeamRef } from '@agentteam/contract';
import { identityEnvironment } from './identity.ts';
import type { RepositoryOptions } from './options.ts';
import { type GitOptions, git, gitLine } from './run.ts';

/** @returns the id of the commit that `name` resolves to, or `undefined` when it resolves to none. */
export async function findCommit(name: string, options: GitOptions): Promise<string | undefined> {
  const args = ['rev-parse', '--verify', '--quiet', `${name}^{commit}`];
  // git exits with 128 when there is no repository.
  const { exitCode, stdout } = await git(args, { ...options, accept: [0, 1, 128] });
  return exitCode === 0 ? stdout.trim() : undefined;
}

/** The commit that is being merged into HEAD, or `undefined`. Asks git only if its file is there. */
export async function findMergeHead(options: RepositoryOptions): Promise<string | undefined> {
  const file = join(options.env.GIT_DIR, 'MERGE_HEAD');
  const isAbsent = await lstat(file).then(
    () => false,
    ({ code }: NodeJS.ErrnoException) => code === 'ENOENT',
  );
  return isAbsent ? undefined : findCommit('MERGE_HEAD', options);
}

export interface Head {
  readonly commit: string;
  /** The ref that HEAD points to; empty if it points to a commit. */
  readonly ref: string;
}

/** @returns `undefined` if HEAD has no commit. */
export async function readHead(options: GitOptions): Promise<Head | undefined> {
  const args = ['rev-parse', 'HEAD', '--symbolic-full-name', 'HEAD'];
  const { exitCode, stdout } = await git(args, { ...options, accept: [0, 128] });
  const [, commit, name] = /^([0-9a-f]{40,64})\n(HEAD|refs\/.+)\n$/.exec(stdout) ?? [];
  if (exitCode === 0 && commit && name) return { commit, ref: name === 'HEAD' ? '' : name };
  // There may also be a branch with the name HEAD.
  const head = await findCommit('HEAD', options);
  if (head === undefined) return undefined;
  const symbolic = await git(['symbolic-ref', '--quiet', 'HEAD'], { ...options, accept: [0, 1] });
  return { commit: head, ref: symbolic.stdout.trim() };
}

/** Known pairs. The id of a commit determines its history, so what holds in one repository holds in all. */
const ANCESTORS = new Set<string>();

/** Notes that a commit is an ancestor of another. Both are ids. */
export function noteAncestor(older: string, newer: string): void {
  ANCESTORS.add(`${older} ${newer}`);
}

export async function isAncestor(
  older: string,
  newer: string,
  options: GitOptions,
): Promise<boolean> {
  if (ANCESTORS.has(`${older} ${newer}`)) return true;
  const args = ['merge-base', '--is-ancestor', older, newer];
  return (await git(args, { ...options, accept: [0, 1] })).exitCode === 0;
}

/** Whether two commits have a common ancestor. */
export async function isRelated(one: string, other: string, options: GitOptions): Promise<boolean> {
  if (await isAncestor(one, other, options)) return true;
  return (await git(['merge-base', one, other], { ...options, accept: [0, 1] })).exitCode === 0;
}

export interface NewCommit {
  /** Id of a tree, or an expression like `HEAD^{tree}`. */
  readonly tree: string;
  readonly parents: readonly string[];
  readonly message: string;
  readonly ref: TeamRef;
  readonly agent: string;
  /** ISO 8601. Set it when making the commit again must give the same id. */
  readonly date?: string;
}

/** Makes a commit without a worktree. */
export function writeCommit(commit: NewCommit, options: GitOptions): Promise<string> {
  const { tree, parents, message, ref, agent, date } = commit;
  const dates = date === undefined ? {} : { GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date };
  const env = { ...options.env, ...identityEnvironment(ref, agent), ...dates };
  const args = ['commit-tree', tree, ...parents.flatMap((parent) => ['-p', parent]), '-F', '-'];
  return gitLine(args, { ...options, env, input: message });
}
