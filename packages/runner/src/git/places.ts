import { basename, join } from 'node:path';
import { agentBranch } from './identity.ts';
import { type TeamRepository, treeOf } from './repository.ts';
import type { GitOptions } from './run.ts';

/** The branch that an agent works on; with the strategy `shared` all work on the result branch. */
export function branchOf({ ref, strategy, resultBranch }: TeamRepository, agent: string): string {
  return strategy === 'shared' ? resultBranch : agentBranch(ref.team, agent);
}

/**
 * git in the shared clone itself, without any worktree. It is told where everything is: a file
 * `commondir` in there would have it read another directory's configuration.
 */
export function inStore({ store }: Pick<TeamRepository, 'store'>, signal: AbortSignal): GitOptions {
  return { cwd: store, signal, env: { GIT_DIR: store, GIT_COMMON_DIR: store } };
}

/**
 * git in an agent's worktree. It is told where everything is: the tree's own `.git` is the agent's
 * to rewrite, and could lead to a repository whose configuration runs programs.
 */
export function inTree(
  repository: TeamRepository,
  agent: string,
  signal: AbortSignal,
): GitOptions & { readonly env: Readonly<Record<string, string>> } {
  const tree = treeOf(repository, agent);
  const env = {
    GIT_DIR: treeDirectory(repository, agent),
    GIT_COMMON_DIR: repository.store,
    GIT_WORK_TREE: tree,
    // Paths come from lists; none of them is a pattern.
    GIT_LITERAL_PATHSPECS: '1',
  };
  return { cwd: tree, signal, env };
}

/** What the clone keeps about a worktree: its index, its HEAD. */
export function treeDirectory(repository: TeamRepository, agent: string): string {
  return join(repository.store, 'worktrees', basename(treeOf(repository, agent)));
}
