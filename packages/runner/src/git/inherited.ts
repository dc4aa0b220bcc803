import { inDependencyOrder } from '../step/dependency-order.ts';
import { findCommit, isAncestor, mergeTrees, writeCommit } from './commits.ts';
import { commitMessage } from './identity.ts';
import { branchOf, inStore } from './places.ts';
import type { TeamRepository } from './repository.ts';
import { gitLine } from './run.ts';

/** What an agent starts from: the base and the work of those it depends on. */
export interface Inherited {
  readonly commit: string;
  /** Dependencies whose work conflicts with that of the others, and so is not in it. */
  readonly conflicting: readonly ConflictingWork[];
}

export interface ConflictingWork {
  readonly agent: string;
  readonly branch: string;
  /** Where it conflicts: names that agents gave, any text but NUL. */
  readonly files: readonly string[];
}

/**
 * Computes what an agent starts from. Asked again later, about the same branches, it comes to the
 * same commit id: so that what an agent did itself can be told from what it was given.
 */
export async function inheritedBy(
  repository: TeamRepository,
  agent: string,
  signal: AbortSignal,
): Promise<Inherited> {
  const { base, members, ref, strategy } = repository;
  const self = members.find(({ name }) => name === agent);
  if (strategy === 'shared' || self === undefined) return { commit: base, conflicting: [] };
  const options = inStore(repository, signal);
  const conflicting: ConflictingWork[] = [];
  let commit = base;
  for (const { name } of inDependencyOrder(members).filter((m) =>
    self.dependsOn.includes(m.name),
  )) {
    const branch = branchOf(repository, name);
    const tip = await findCommit(`refs/heads/${branch}`, options);
    if (tip === undefined || (await isAncestor(tip, commit, options))) continue;
    if (await isAncestor(commit, tip, options)) {
      commit = tip;
      continue;
    }
    const { tree, conflicts } = await mergeTrees(commit, tip, options);
    if (conflicts.length > 0) {
      conflicting.push({ agent: name, branch, files: conflicts });
      continue;
    }
    const date = await gitLine(['show', '--no-patch', '--format=%cI', tip], options);
    const message = commitMessage(ref, agent, `Start from the work of ${name}`);
    commit = await writeCommit(
      { tree, parents: [commit, tip], message, ref, agent, date },
      options,
    );
  }
  return { commit, conflicting };
}
