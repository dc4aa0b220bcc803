import type { ConflictingWork } from '../prompts/conflicts.ts';
import { inDependencyOrder } from '../step/dependency-order.ts';
import { teamBranch } from './branches.ts';
import { isAncestor, writeCommit } from './commits.ts';
import type { Tips } from './handover/take.ts';
import { commitMessage } from './identity.ts';
import { mergeTrees } from './merge/merge-trees.ts';
import type { TeamRepository } from './repository.ts';
import { type GitOptions, gitLine } from './run.ts';

/** What an agent starts from: the base, merged with the work of its dependencies. */
export interface Inherited {
  readonly commit: string;
  /** Work that is not in the commit, because it conflicts with that of the other dependencies. */
  readonly conflicting: readonly ConflictingWork[];
}

/**
 * Computes what an agent starts from. The same tips give the same commit id in every repository, so that an
 * agent's own changes can be distinguished from those of its dependencies.
 * @param tips the work of its dependencies.
 * @param options git options for a repository that has all of that work.
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
