import { EXIT, type SetupSpec } from '@agentteam/contract';
import type { RemoteAccess } from '../../git/remote/access.ts';
import { cannotCoexist } from '../../git/remote/explain.ts';
import { type RemoteRefs, shownBranches } from '../../git/remote/refs.ts';
import { StepFailure } from '../../step/failure.ts';

/** Branches that a delivery needs. */
export interface DeliveryBranches {
  readonly result: string;
  /** Target branch of the pull request; absent when there will be none. */
  readonly target?: string;
}

export function branchesOf(
  start: string,
  { repository, delivery }: SetupSpec,
): DeliveryBranches | undefined {
  if (repository === undefined || delivery === undefined) return undefined;
  const { pullRequest } = delivery;
  return {
    result: repository.resultBranch,
    ...(pullRequest && { target: pullRequest.targetBranch ?? start }),
  };
}

/** @throws StepFailure when a branch at the remote blocks the result branch, or the target is missing. */
export function checkBranches(
  { result, target }: DeliveryBranches,
  { branches }: RemoteRefs,
  { remote }: RemoteAccess,
): void {
  const name = remote.kind === 'local' ? remote.path : remote.host;
  const refuse = (message: string) => {
    throw new StepFailure(message, EXIT.invalid);
  };
  for (const other of branches.keys()) {
    if (other.startsWith(`${result}/`) || result.startsWith(`${other}/`)) {
      refuse(cannotCoexist(name, result, other));
    }
  }
  if (target === undefined) return;
  if (target === result) {
    refuse(
      `A pull request from ${result} to itself is not possible: set lifecycle.consolidatedBranchTemplate to another branch, or use onComplete: push-branch.`,
    );
  }
  if (!branches.has(target)) {
    refuse(
      `${name} has no branch ${target}, the target of the pull request: correct lifecycle.pullRequest.targetBranch. Its branches are ${shownBranches(branches)}.`,
    );
  }
}
