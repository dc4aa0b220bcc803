import { LEAD } from '@agentteam/contract';
import { inDependencyOrder } from '../../step/dependency-order.ts';
import { isAncestor, writeCommit } from '../commits.ts';
import type { Tips } from '../handover/take.ts';
import { commitMessage } from '../identity.ts';
import { mergeTrees } from '../merge/merge-trees.ts';
import { type TeamRepository, teammatesOf } from '../repository.ts';
import type { GitOptions } from '../run.ts';
import { changesBetween } from './changes.ts';
import { type ScopeViolation, violationsIn } from './violations.ts';

/**
 * Finds the lead's changes outside its scope. The teammates' work is merged again, and everything in the
 * result that differs from that merge is the lead's change. Files in conflict are not checked: the lead has
 * to edit those.
 * @param options git options for a repository that has the result and all work.
 */
export async function leadViolations(
  repository: TeamRepository,
  result: string,
  tips: Tips,
  options: GitOptions,
): Promise<readonly ScopeViolation[]> {
  const scope = repository.members.find(({ name }) => name === LEAD)?.scope;
  if (scope === undefined) return [];
  const { merged, conflicts } = await mergeAll(repository, tips, options);
  const added = await changesBetween(merged, result, options);
  const own = added.filter(({ path }) => !conflicts.has(path));
  return violationsIn(own, result, scope, options);
}

/** Merges the teammates' work, leaving conflict markers in files. */
async function mergeAll(
  repository: TeamRepository,
  tips: Tips,
  options: GitOptions,
): Promise<{ readonly merged: string; readonly conflicts: ReadonlySet<string> }> {
  const { base, ref } = repository;
  const conflicts = new Set<string>();
  let merged = base;
  for (const { name } of inDependencyOrder(teammatesOf(repository))) {
    const tip = tips.get(name);
    if (tip === undefined || (await isAncestor(tip, merged, options))) continue;
    const step = await mergeTrees(merged, tip, options);
    for (const path of step.conflicts) {
      conflicts.add(path);
      // When one side has a link and the other a file, git stores one of them beside it, as `a~HEAD`.
      conflicts.add(path.replace(/~[^/~]*$/, ''));
    }
    const message = commitMessage(ref, LEAD, `Merge the work of ${name}`);
    const parents = [merged, tip];
    merged = await writeCommit({ tree: step.tree, parents, message, ref, agent: LEAD }, options);
  }
  return { merged, conflicts };
}
