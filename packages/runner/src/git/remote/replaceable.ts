import { EXIT } from '@agentteam/contract';
import { StepFailure } from '../../step/failure.ts';
import { isAncestor } from '../commits.ts';
import { isOwnCommit } from '../identity.ts';
import type { TeamRepository } from '../repository.ts';
import { type GitOptions, gitLine } from '../run.ts';

/** Where the branch of the remote is kept while it is compared. */
export const REMOTE_REF = 'refs/agentteam/remote';

/**
 * Checks that the result branch at the remote may be replaced: a team's commits may, other people's
 * may not. The remote's branch must be in {@link REMOTE_REF}.
 * @throws StepFailure that lists the commits of others.
 */
export async function assertReplaceable(
  { ref, base, resultBranch }: TeamRepository,
  commit: string,
  options: GitOptions,
): Promise<void> {
  if (await isAncestor(REMOTE_REF, commit, options)) return;
  const args = ['log', '--format=%h %ce %s', REMOTE_REF, `^${commit}`, `^${base}`];
  const lines = (await gitLine(args, options)).split('\n').filter((line) => line !== '');
  const others = lines.filter((line) => !isOwnCommit(ref, line.split(' ')[1] ?? ''));
  if (others.length === 0) return;
  throw new StepFailure(
    `The branch ${resultBranch} at the remote has commits that are not from this team, and a push would delete them. Merge or rename the branch there, or set lifecycle.consolidatedBranchTemplate.\n${others.slice(0, 10).join('\n')}`,
    EXIT.refused,
  );
}

/**
 * Checks that the result branch at the remote is part of the result. The remote's branch must be in
 * {@link REMOTE_REF}.
 * @throws StepFailure when it is that of another run.
 */
export async function assertNotOvertaken(
  { resultBranch }: TeamRepository,
  commit: string,
  options: GitOptions,
): Promise<void> {
  if (await isAncestor(REMOTE_REF, commit, options)) return;
  const other = await gitLine(['rev-parse', '--short', REMOTE_REF], options);
  throw new StepFailure(
    `The branch ${resultBranch} at the remote has the result of another run of this team (${other}), which was delivered while this one worked. A push would replace it. Rename or delete the branch there and run agentteam retry, or retry with another lifecycle.consolidatedBranchTemplate.`,
    EXIT.refused,
  );
}
