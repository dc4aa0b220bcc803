import { isAncestor, mergeTrees } from '../commits.ts';
import type { Tips } from '../handover/take.ts';
import { inheritedBy } from '../inherited.ts';
import type { TeamRepository } from '../repository.ts';
import { type GitOptions, gitLine } from '../run.ts';
import { type Change, changesBetween } from './changes.ts';
import { type ScopeViolation, violationsIn } from './violations.ts';

/**
 * What an agent's commit would bring that its scope does not allow. What it was given from its
 * dependencies is not counted; what it changed and changed back is not either.
 * @param tips what its dependencies handed over.
 * @param options of a call in a repository that has all of it.
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
  return violationsIn(changes, commit, scope, options);
}

async function ownChanges(
  inherited: string,
  commit: string,
  options: GitOptions,
): Promise<readonly Change[]> {
  if (await isAncestor(inherited, commit, options)) {
    return changesBetween(inherited, commit, options);
  }
  // A dependency has moved since: only what differs from both what was given then and is now.
  const { tree, conflicts } = await mergeTrees(inherited, commit, options);
  if (conflicts.length === 0) return changesBetween(inherited, tree, options);
  const common = await gitLine(['merge-base', inherited, commit], options);
  return changesBetween(common, commit, options);
}
