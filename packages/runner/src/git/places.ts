import { agentBranch } from './identity.ts';
import {
  baseStoreOf,
  ownRepository,
  sharesTree,
  type TeamRepository,
  treeOf,
} from './repository.ts';
import type { GitOptions } from './run.ts';

/** The branch that an agent works on, in its own repository. */
export function branchOf({ ref }: Pick<TeamRepository, 'ref'>, agent: string): string {
  return agentBranch(ref.team, agent);
}

/** What a teammate's work is called where it was taken over: `git show team/api:src/x.ts`. */
export function teamBranch(agent: string): string {
  return `team/${agent}`;
}

/** The ref of {@link teamBranch}. */
export function teamRef(agent: string): string {
  return `refs/remotes/${teamBranch(agent)}`;
}

/** git in the base, which only setup writes to. */
export function inBase(
  repository: Pick<TeamRepository, 'directory'>,
  signal: AbortSignal,
): GitOptions {
  const store = baseStoreOf(repository);
  return { cwd: store, signal, env: { GIT_DIR: store } };
}

/**
 * git in an agent's own repository, without its worktree. It is told where everything is: a file
 * `commondir` in there would have it read another directory's configuration.
 */
export function inOwn(repository: TeamRepository, agent: string, signal: AbortSignal): GitOptions {
  const own = ownRepository(repository, agent);
  return { cwd: own, signal, env: { GIT_DIR: own, GIT_COMMON_DIR: own } };
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
  const own = ownRepository(repository, agent);
  const tree = treeOf(repository, agent);
  const env = {
    GIT_DIR: own,
    GIT_COMMON_DIR: own,
    GIT_WORK_TREE: tree,
    // Paths come from lists; none of them is a pattern.
    GIT_LITERAL_PATHSPECS: '1',
  };
  // A submodule in a tree that others write to has a `.git` of theirs: git would run what it says.
  const config = sharesTree(repository, agent) ? { 'diff.ignoreSubmodules': 'all' } : {};
  return { cwd: tree, signal, env, config };
}
