import { isAncestor } from '../commits.ts';
import type { Tips } from '../handover/take.ts';
import { inheritedBy } from '../inherited.ts';
import { mergeTrees } from '../merge/merge-trees.ts';
import type { TeamRepository } from '../repository.ts';
import { type GitOptions, gitLine } from '../run.ts';
import { type Change, changesBetween } from './changes.ts';
import { placedChanges } from './placed.ts';
import { type ScopeViolation, violationsIn } from './violations.ts';

/**
 * Finds an agent's changes outside its scope. Changes of its dependencies do not count, nor do changes
 * that the agent has undone.
 * @param tips the work of its dependencies.
 * @param options git options for a repository that has all of that work.
 */
export async function scopeViolations(
  repository: TeamRepository,
  agent: string,
  commit: string,
  tips: Tips,
  options: GitOptions,
): Promise<readonly ScopeViolation[]> {
  const scope = repository.members.find(({ name }) => name === agent)?.scope;
  const inherited = await inheritedBy(repository, agent, tips, options);
  const changes = await ownChanges(inherited.commit, commit, options);
  return [
    ...(await violationsIn(changes, commit, scope, options)),
    ...(await placedChanges(repository, inherited.commit, commit, options)),
  ];
}

async function ownChanges(
  inherited: string,
  commit: string,
  options: GitOptions,
): Promise<readonly Change[]> {
  if (await isAncestor(inherited, commit, options)) {
    return changesBetween(inherited, commit, options);
  }
  // A dependency's work has changed since. Count only what differs from both its versions.
  const { conflicts, changes } = await mergeTrees(inherited, commit, options);
  if (conflicts.length === 0) return changes;
  const common = await gitLine(['merge-base', inherited, commit], options);
  return changesBetween(common, commit, options);
}
