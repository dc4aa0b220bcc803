import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { exists } from '../../step/exists.ts';
import { findCommit, isAncestor, mergeTrees, writeCommit } from '../commits.ts';
import { type Tips, takeTeam, takeWork } from '../handover/take.ts';
import { commitMessage } from '../identity.ts';
import { type ConflictingWork, type Inherited, inheritedBy } from '../inherited.ts';
import { createOwnRepository, pointToOwn } from '../own-repository.ts';
import { branchOf, inOwn, inTree, teamBranch, teamRef } from '../places.ts';
import {
  dependenciesOf,
  ownRepository,
  sharesTree,
  type TeamRepository,
  treeOf,
} from '../repository.ts';
import { restoreTrust } from '../restore-trust.ts';
import { git } from '../run.ts';

/** What a git that was killed leaves behind, and every later one trips over. */
const LOCKS = ['index.lock', 'HEAD.lock', 'packed-refs.lock', 'config.lock', 'shallow.lock'];

/** An agent's worktree, ready for work. */
export interface Prepared extends Inherited {
  /** What its dependencies handed over, which its changes are told apart from. */
  readonly tips: Tips;
}

/**
 * Makes an agent's worktree ready, before anything runs in it: takes away what an earlier attempt's
 * processes left locked, and brings in the work of its dependencies.
 * @returns what the agent starts from; it should be told who is in `conflicting`.
 */
export async function prepareWorktree(
  repository: TeamRepository,
  agent: string,
  signal: AbortSignal,
): Promise<Prepared> {
  const own = ownRepository(repository, agent);
  const isDiscarded = !(await exists(join(own, 'HEAD')));
  if (isDiscarded) await makeAgain(repository, agent, signal);
  for (const lock of LOCKS) await rm(join(own, lock), { force: true, recursive: true });
  await restoreTrust(repository, agent);
  await rm(join(treeOf(repository, agent), '.git'), { recursive: true, force: true });
  if (!sharesTree(repository, agent)) await pointToOwn(repository, agent);
  // Its files are still in the tree.
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
 * An agent that has completed gives the room of its repository back. A retry with other work for it begins
 * with what it has handed over.
 */
async function makeAgain(
  repository: TeamRepository,
  agent: string,
  signal: AbortSignal,
): Promise<void> {
  await createOwnRepository(repository, agent);
  const options = inOwn(repository, agent, signal);
  const work = await takeWork(repository, agent, options);
  if (work === undefined) return;
  await git(['update-ref', `refs/heads/${branchOf(repository, agent)}`, work.commit], options);
  // What is under this name is taken for the work of others, which is not handed over again.
  await git(['update-ref', '-d', teamRef(agent)], options);
}

/** @returns false where the agent's own commits, of an earlier attempt, conflict with it. */
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
  // The files of a tree that others write to are there already, or are theirs to change.
  if (sharesTree(repository, agent)) await git(['reset', '--quiet', '--mixed', target], options);
  else await git(['merge', '--quiet', '--ff-only', target], options);
  return true;
}

/** All work of dependencies that its branch does not have: none of it was brought in. */
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
