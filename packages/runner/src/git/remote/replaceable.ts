import { EXIT } from '@agentteam/contract';
import { StepFailure } from '../../step/failure.ts';
import { isAncestor } from '../commits.ts';
import { isOwnCommit } from '../identity.ts';
import type { TeamRepository } from '../repository.ts';
import { type GitOptions, gitLine } from '../run.ts';

/**
 * Checks that the result branch at the remote may be replaced: a team's commits may, other people's
 * may not. The remote's branch must be in the ref `refs/agentteam/remote`.
 * @throws StepFailure that lists the commits of others.
 */
export async function assertReplaceable(
  { ref, base, resultBranch }: TeamRepository,
  commit: string,
  options: GitOptions,
): Promise<void> {
  if (await isAncestor('refs/agentteam/remote', commit, options)) return;
  const args = ['log', '--format=%h %ce %s', 'refs/agentteam/remote', `^${commit}`, `^${base}`];
  const lines = (await gitLine(args, options)).split('\n').filter((line) => line !== '');
  const others = lines.filter((line) => !isOwnCommit(ref, line.split(' ')[1] ?? ''));
  if (others.length === 0) return;
  throw new StepFailure(
    `The branch ${resultBranch} at the remote has commits that are not from this team, and a push would delete them. Merge or rename the branch there, or set lifecycle.consolidatedBranchTemplate.\n${others.slice(0, 10).join('\n')}`,
    EXIT.refused,
  );
}
