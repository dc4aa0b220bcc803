import { EXIT, type SetupSpec } from '@agentteam/contract';
import type { RemoteAccess } from '../../git/remote/access.ts';
import { cannotCoexist } from '../../git/remote/explain.ts';
import { type RemoteRefs, shownBranches } from '../../git/remote/refs.ts';
import { StepFailure } from '../../step/failure.ts';

/** The branches of a delivery. */
export interface DeliveryBranches {
  /** Branch that the work begins at. */
  readonly start: string;
  readonly result: string;
  /** Branch that a pull request asks to merge into; absent: there is none. */
  readonly target?: string;
}

export function branchesOf(
  start: string,
  { repository, delivery }: SetupSpec,
): DeliveryBranches | undefined {
  if (repository === undefined || delivery === undefined) return undefined;
  const { pullRequest } = delivery;
  return {
    start,
    result: repository.resultBranch,
    ...(pullRequest && { target: pullRequest.targetBranch ?? start }),
  };
}

/** @throws StepFailure where the remote's branches leave no room for the result, or have no target for it. */
export function checkBranches(
  { result, target }: DeliveryBranches,
  { branches }: RemoteRefs,
  { remote }: RemoteAccess,
): void {
  const name = remote.kind === 'local' ? remote.path : remote.host;
  const refuse = (words: string) => {
    throw new StepFailure(words, EXIT.invalid);
  };
  for (const other of branches.keys()) {
    if (other.startsWith(`${result}/`) || result.startsWith(`${other}/`)) {
      refuse(`${name} ${cannotCoexist(result, other)}`);
    }
  }
  if (target === undefined) return;
  if (target === result) {
    refuse(
      `A pull request cannot lead from ${result} to itself: set lifecycle.consolidatedBranchTemplate to another branch, or use onComplete: push-branch.`,
    );
  }
  if (!branches.has(target)) {
    refuse(
      `${name} has no branch ${target} for the pull request: set lifecycle.pullRequest.targetBranch. It has: ${shownBranches(branches)}.`,
    );
  }
}
