import { LEAD } from '@agentteam/contract';
import { branchOf } from '../branches.ts';
import { findCommit, isAncestor, readHead } from '../commits.ts';
import { inOwn, inTree } from '../options.ts';
import type { TeamRepository } from '../repository.ts';
import { git } from '../run.ts';
import { readProgress } from './progress.ts';

/**
 * Switches the lead's worktree to the result branch, at the recorded commit. Other commits on that
 * branch are kept only if they are on top of the recorded one. The worktree must have no uncommitted
 * changes.
 */
export async function switchToResult(
  repository: TeamRepository,
  session: string,
  signal: AbortSignal,
): Promise<void> {
  const { resultBranch, base } = repository;
  const options = inTree(repository, LEAD, signal);
  const progress = await readProgress(session);
  const start = progress?.tip ?? base;
  const result = `refs/heads/${resultBranch}`;
  const head = await readHead(options);
  if (head?.ref === result) {
    if (progress === undefined) {
      // The lead switched to this branch itself: treat its commits as work on its own branch.
      await keepAsOwnWork(repository, head.commit, signal);
    } else if (await isAncestor(start, head.commit, options)) return;
  }
  await git(['symbolic-ref', 'HEAD', `refs/heads/${branchOf(repository, LEAD)}`], options);
  await git(['switch', '--quiet', '--discard-changes', '-C', resultBranch, start], options);
}

async function keepAsOwnWork(repository: TeamRepository, head: string, signal: AbortSignal) {
  const own = `refs/heads/${branchOf(repository, LEAD)}`;
  const options = inOwn(repository, LEAD, signal);
  const tip = (await findCommit(own, options)) ?? repository.base;
  if (await isAncestor(tip, head, options)) await git(['update-ref', own, head], options);
}
