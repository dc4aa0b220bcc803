import { findCommit, isAncestor, mergeTrees } from '../commits.ts';
import { authorEmail } from '../identity.ts';
import { inheritedBy } from '../inherited.ts';
import { branchOf, inStore } from '../places.ts';
import type { TeamRepository } from '../repository.ts';
import { restoreTrust } from '../restore-trust.ts';
import { type GitOptions, gitLine } from '../run.ts';
import { type Change, changesBetween } from './changes.ts';
import { type ScopeViolation, violationsIn } from './violations.ts';

/**
 * What an agent's branch would bring that its scope does not allow. What it was given from its
 * dependencies is not counted; what it changed and changed back is not either.
 */
export async function scopeViolations(
  repository: TeamRepository,
  agent: string,
  signal: AbortSignal,
): Promise<readonly ScopeViolation[]> {
  await restoreTrust(repository);
  const options = inStore(repository, signal);
  const scope = repository.members.find(({ name }) => name === agent)?.scope;
  const tip = await findCommit(`refs/heads/${branchOf(repository, agent)}`, options);
  if (tip === undefined) return [];
  const changes =
    repository.strategy === 'shared'
      ? await changesByAuthor(repository, agent, tip, options)
      : await changesOnBranch(repository, agent, tip, signal);
  return violationsIn(changes, tip, scope, options);
}

async function changesOnBranch(
  repository: TeamRepository,
  agent: string,
  tip: string,
  signal: AbortSignal,
): Promise<readonly Change[]> {
  const options = inStore(repository, signal);
  const { commit } = await inheritedBy(repository, agent, signal);
  if (await isAncestor(commit, tip, options)) return changesBetween(commit, tip, options);
  // A dependency has moved since: only what differs from both what was given then and is now.
  const { tree, conflicts } = await mergeTrees(commit, tip, options);
  if (conflicts.length === 0) return changesBetween(commit, tree, options);
  const common = await gitLine(['merge-base', commit, tip], options);
  return changesBetween(common, tip, options);
}

/**
 * In a tree that all share, commits tell by their author alone who made them. An agent that
 * commits under another's name is not found out here; worktrees of their own are what keeps
 * agents apart.
 */
async function changesByAuthor(
  { ref, base }: TeamRepository,
  agent: string,
  tip: string,
  options: GitOptions,
): Promise<readonly Change[]> {
  const author = `--author=<${authorEmail(ref, agent)}>`;
  const args = ['rev-list', '--no-merges', '--fixed-strings', author, tip, `^${base}`];
  const commits = (await gitLine(args, options)).split('\n').filter((id) => id !== '');
  const changes = await Promise.all(commits.map((id) => changesBetween(`${id}^`, id, options)));
  // Whatever it did on the way: only paths that are different in the end.
  const lasting = new Set((await changesBetween(base, tip, options)).map(({ path }) => path));
  const latest = new Map(
    changes
      .toReversed()
      .flat()
      .map((change) => [change.path, change]),
  );
  return [...latest.values()].filter(({ path }) => lasting.has(path));
}
