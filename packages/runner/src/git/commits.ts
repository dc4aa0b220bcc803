import type { TeamRef } from '@agentteam/contract';
import { identityEnvironment } from './identity.ts';
import { type GitOptions, git, gitFields, gitLine } from './run.ts';

/** @returns the commit's id, or `undefined` where the name stands for none. */
export async function findCommit(name: string, options: GitOptions): Promise<string | undefined> {
  const args = ['rev-parse', '--verify', '--quiet', `${name}^{commit}`];
  // 128: there is not even a repository.
  const { exitCode, stdout } = await git(args, { ...options, accept: [0, 1, 128] });
  return exitCode === 0 ? stdout.trim() : undefined;
}

export async function isAncestor(
  older: string,
  newer: string,
  options: GitOptions,
): Promise<boolean> {
  const args = ['merge-base', '--is-ancestor', older, newer];
  return (await git(args, { ...options, accept: [0, 1] })).exitCode === 0;
}

export interface MergedTree {
  /** Id of the tree; where there are conflicts, with conflict markers in its files. */
  readonly tree: string;
  readonly conflicts: readonly string[];
}

/** What merging two commits would give. Touches no branch, index or file. */
export async function mergeTrees(
  ours: string,
  theirs: string,
  options: GitOptions,
): Promise<MergedTree> {
  const args = ['merge-tree', '--write-tree', '-z', '--name-only', '--no-messages', ours, theirs];
  const [tree = '', ...conflicts] = await gitFields(args, { ...options, accept: [0, 1] });
  return { tree, conflicts };
}

export interface NewCommit {
  readonly tree: string;
  readonly parents: readonly string[];
  readonly message: string;
  readonly ref: TeamRef;
  readonly agent: string;
  /** Where a commit made again has to be the same one: ISO 8601. */
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
