import { rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { REPOSITORY } from '@agentteam/contract';
import { findCommit, isAncestor, mergeTrees, writeCommit } from '../commits.ts';
import { commitMessage } from '../identity.ts';
import { type ConflictingWork, type Inherited, inheritedBy } from '../inherited.ts';
import { branchOf, inTree, treeDirectory } from '../places.ts';
import { type TeamRepository, treeOf } from '../repository.ts';
import { restoreTrust } from '../restore-trust.ts';
import { git } from '../run.ts';

/** What a git that was killed leaves behind, and every later one trips over. */
const LOCKS = ['index.lock', 'HEAD.lock'];

/**
 * Makes an agent's worktree ready, before anything runs in it: takes away what an earlier attempt's
 * processes left locked, and brings in the work of its dependencies.
 * @returns what the agent starts from; it should be told who is in `conflicting`.
 */
export async function prepareWorktree(
  repository: TeamRepository,
  agent: string,
  signal: AbortSignal,
): Promise<Inherited> {
  await restoreTrust(repository);
  if (repository.strategy === 'shared') return inheritedBy(repository, agent, signal);
  const directory = treeDirectory(repository, agent);
  for (const lock of LOCKS) await rm(join(directory, lock), { force: true });
  const pointer = join(treeOf(repository, agent), '.git');
  await rm(pointer, { recursive: true, force: true });
  await writeFile(pointer, gitPointer(basename(directory)));
  const inherited = await inheritedBy(repository, agent, signal);
  if (await bringIn(repository, agent, inherited.commit, signal)) return inherited;
  return { ...inherited, conflicting: await conflictsWithOwn(repository, agent, signal) };
}

/** Content of a worktree's `.git`: relative, so that it holds wherever the claim is mounted. */
export function gitPointer(tree: string): string {
  return `gitdir: ../../${REPOSITORY.store}/worktrees/${tree}\n`;
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
  await git(['merge', '--quiet', '--ff-only', target], options);
  return true;
}

/** All work of dependencies that its branch does not have: none of it was brought in. */
async function conflictsWithOwn(
  repository: TeamRepository,
  agent: string,
  signal: AbortSignal,
): Promise<readonly ConflictingWork[]> {
  const options = inTree(repository, agent, signal);
  const { dependsOn = [] } = repository.members.find(({ name }) => name === agent) ?? {};
  const conflicting: ConflictingWork[] = [];
  for (const name of dependsOn) {
    const branch = branchOf(repository, name);
    const tip = await findCommit(`refs/heads/${branch}`, options);
    if (tip === undefined || (await isAncestor(tip, 'HEAD', options))) continue;
    const { conflicts } = await mergeTrees('HEAD', tip, options);
    conflicting.push({ agent: name, branch, files: conflicts });
  }
  return conflicting;
}
