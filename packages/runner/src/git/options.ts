import {
  baseStoreOf,
  ownRepository,
  sharesTree,
  type TeamRepository,
  treeOf,
} from './repository.ts';
import type { GitOptions } from './run.ts';

/** Options for a repository whose location is given. */
export interface RepositoryOptions extends GitOptions {
  readonly env: Readonly<Record<string, string>> & { readonly GIT_DIR: string };
}

/** Runs git in the base, which only setup writes to. */
export function inBase(
  repository: Pick<TeamRepository, 'directory'>,
  signal: AbortSignal,
): GitOptions {
  const store = baseStoreOf(repository);
  return { cwd: store, signal, env: { GIT_DIR: store } };
}

/**
 * Runs git in an agent's own repository, without its worktree. All locations are given explicitly:
 * otherwise a file `commondir` in the repository could make git read another configuration.
 */
export function inOwn(
  repository: TeamRepository,
  agent: string,
  signal: AbortSignal,
): RepositoryOptions {
  const own = ownRepository(repository, agent);
  return { cwd: own, signal, env: { GIT_DIR: own, GIT_COMMON_DIR: own } };
}

/**
 * Runs git in an agent's worktree. All locations are given explicitly: the agent can rewrite the
 * worktree's `.git`, which could lead to a repository whose configuration runs programs.
 */
export function inTree(
  repository: TeamRepository,
  agent: string,
  signal: AbortSignal,
): RepositoryOptions {
  const own = ownRepository(repository, agent);
  const tree = treeOf(repository, agent);
  const env = {
    GIT_DIR: own,
    GIT_COMMON_DIR: own,
    GIT_WORK_TREE: tree,
    // Paths come from lists, and none of them is a pattern.
    GIT_LITERAL_PATHSPECS: '1',
  };
  // Other agents can write to a submodule's `.git` in a shared tree, and git would run what it names.
  const config = sharesTree(repository, agent) ? { 'diff.ignoreSubmodules': 'all' } : {};
  return { cwd: tree, signal, env, config };
}
