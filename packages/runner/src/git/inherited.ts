import { inDependencyOrder } from '../step/dependency-order.ts';
import { isAncestor, mergeTrees, writeCommit } from './commits.ts';
import type { Tips } from './handover/take.ts';
import { commitMessage } from './identity.ts';
import { teamBranch } from './places.ts';
import type { TeamRepository } from './repository.ts';
import { type GitOptions, gitLine } from './run.ts';

/** What an agent starts from: the base and the work of those it depends on. */
export interface Inherited {
  readonly commit: string;
  /** Dependencies whose work conflicts with that of the others, and so is not in it. */
  readonly conflicting: readonly ConflictingWork[];
}

export interface ConflictingWork {
  readonly agent: string;
  /** What its work is called in the repository of the agent that is told of it. */
  readonly branch: string;
  /** Where it conflicts: names that agents gave, any text but NUL. */
  readonly files: readonly string[];
}

/**
 * Computes what an agent starts from. Asked again, elsewhere, about the same work, it comes to the
 * same commit id: so that what an agent did itself can be told from what it was given.
 * @param tips what its dependencies handed over.
 * @param options of a call in a repository that has all of it.
 */
export async function inheritedBy(
  { base, members, ref }: TeamRepository,
  agent: string,
  tips: Tips,
  options: GitOptions,
): Promise<Inherited> {
  const self = members.find(({ name }) => name === agent);
  const conflicting: ConflictingWork[] = [];
  let commit = base;
  for (const { name } of inDependencyOrder(members)) {
    const tip = tips.get(name);
    if (tip === undefined || self?.dependsOn.includes(name) !== true) continue;
    if (await isAncestor(tip, commit, options)) continue;
    if (await isAncestor(commit, tip, options)) {
      commit = tip;
      continue;
    }
    const { tree, conflicts } = await mergeTrees(commit, tip, options);
    if (conflicts.length > 0) {
      conflicting.push({ agent: name, branch: teamBranch(name), files: conflicts });
      continue;
    }
    const date = await gitLine(['show', '--no-patch', '--format=%cI', tip], options);
    const message = commitMessage(ref, agent, `Start from the work of ${name}`);
    const parents = [commit, tip];
    commit = await writeCommit({ tree, parents, message, ref, agent, date }, options);
  }
  return { commit, conflicting };
}
