import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ConflictingWork } from '../../prompts/conflicts.ts';
import { exists } from '../../step/exists.ts';
import { branchOf, teamBranch, teamRef } from '../branches.ts';
import { findCommit, isAncestor, writeCommit } from '../commits.ts';
import { type Tips, takeTeam, takeWork } from '../handover/take.ts';
import { commitMessage } from '../identity.ts';
import { type Inherited, inheritedBy } from '../inherited.ts';
import { mergeTrees } from '../merge/merge-trees.ts';
import { inOwn, inTree } from '../options.ts';
import { createOwnRepository, discardOwnRepository, pointToOwn } from '../own-repository.ts';
import {
  dependenciesOf,
  ownRepository,
  sharesTree,
  type TeamRepository,
  treeOf,
} from '../repository.ts';
import { restoreTrustedFiles } from '../restore-trusted-files.ts';
import { git } from '../run.ts';
import { removeLocks } from './remove-locks.ts';
import { repairRepository } from './repair.ts';

/** An agent's worktree, ready for work. */
export interface Prepared extends Inherited {
  /** The work of its dependencies. */
  readonly tips: Tips;
}

/**
 * Prepares an agent's worktree before anything runs in it: removes the locks of an earlier attempt,
 * and merges the work of the agent's dependencies.
 * @returns what the agent starts from. The agent must be told about the work in `conflicting`.
 */
export async function prepareWorktree(
  repository: TeamRepository,
  agent: string,
  signal: AbortSignal,
): Promise<Prepared> {
  const own = ownRepository(repository, agent);
  const isDiscarded = !(await exists(join(own, 'HEAD')));
  if (isDiscarded) {
    await recreateRepository(repository, agent, signal).catch(async (error: unknown) => {
      // The next attempt would take a repository without the agent's work for a complete one.
      await discardOwnRepository(repository, agent);
      throw error;
    });
  }
  await removeLocks(repository, agent);
  await restoreTrustedFiles(repository, agent);
  await repairRepository(repository, agent, signal);
  await rm(join(treeOf(repository, agent), '.git'), { recursive: true, force: true });
  if (!sharesTree(repository, agent)) await pointToOwn(repository, agent);
  // The files of the handed-over commit are still in the tree.
  if (isDiscarded) await git(['reset', '--quiet', '--mixed'], inTree(repository, agent, signal));
  const before = dependenciesOf(repository, agent);
  const options = inOwn(repository, agent, signal);
  const tips = await takeTeam(repository, options, (name) => before.has(name));
  const inherited = await inheritedBy(repository, agent, tips, options);
  if (await bringIn(repository, agent, inherited.commit, signal)) return { ...inherited, tips };
  const conflicting = await conflictsWithOwn(repository, agent, tips, signal);
  return { ...inherited, conflicting, tips };
}

/**
 * Makes an agent's repository again, from the work that it handed over. An agent that has completed
 * discards its repository; a retry with changed work needs it again.
 */
async function recreateRepository(
  repository: TeamRepository,
  agent: string,
  signal: AbortSignal,
): Promise<void> {
  await createOwnRepository(repository, agent);
  const options = inOwn(repository, agent, signal);
  // An agent's bundle leaves out what it took over from its dependencies.
  const before = dependenciesOf(repository, agent);
  await takeTeam(repository, options, (name) => before.has(name));
  const work = await takeWork(repository, agent, options);
  if (work === undefined) return;
  await git(['update-ref', `refs/heads/${branchOf(repository, agent)}`, work.commit], options);
  // Work under this name counts as another agent's, which would not be handed over again.
  await git(['update-ref', '-d', teamRef(agent)], options);
}

/** @returns `false` when the commit conflicts with the agent's own commits of an earlier attempt. */
async function bringIn(
  repository: TeamRepository,
  agent: string,
  commit: string,
  signal: AbortSignal,
): Promise<boolean> {
  const options = inTree(repository, agent, signal);
  const { ref } = repository;
  const tip = await findCommit('HEAD', options);
  if (tip === undefined || (await isAncestor(commit, tip, options))) return true;
  let target = commit;
  if (!(await isAncestor(tip, commit, options))) {
    const { tree, conflicts } = await mergeTrees(tip, commit, options);
    if (conflicts.length > 0) return false;
    const message = commitMessage(ref, agent, 'Bring in the work of dependencies');
    target = await writeCommit({ tree, parents: [tip, commit], message, ref, agent }, options);
  }
  // A shared tree already has these files, or a newer version by another agent.
  if (sharesTree(repository, agent)) await git(['reset', '--quiet', '--mixed', target], options);
  else await git(['merge', '--quiet', '--ff-only', target], options);
  return true;
}

/** The work of dependencies that the agent's branch lacks, because it could not be merged. */
async function conflictsWithOwn(
  repository: TeamRepository,
  agent: string,
  tips: Tips,
  signal: AbortSignal,
): Promise<readonly ConflictingWork[]> {
  const options = inTree(repository, agent, signal);
  const conflicting: ConflictingWork[] = [];
  const { dependsOn = [] } = repository.members.find(({ name }) => name === agent) ?? {};
  for (const name of dependsOn) {
    const tip = tips.get(name);
    if (tip === undefined || (await isAncestor(tip, 'HEAD', options))) continue;
    const { conflicts } = await mergeTrees('HEAD', tip, options);
    conflicting.push({ agent: name, branch: teamBranch(name), files: conflicts });
  }
  return conflicting;
}
