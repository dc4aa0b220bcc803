import { inBase } from '../../git/options.ts';
import type { RemoteAccess } from '../../git/remote/access.ts';
import { pushToResultBranch } from '../../git/remote/push.ts';
import type { RemoteRefs } from '../../git/remote/refs.ts';
import type { TeamRepository } from '../../git/repository.ts';
import { checkLocalRemote } from './local-remote.ts';

/**
 * Checks that the result can be pushed, without pushing anything.
 * @throws StepFailure that names the cause.
 */
export async function checkPush(
  repository: TeamRepository,
  access: RemoteAccess,
  { branches }: RemoteRefs,
  signal: AbortSignal,
): Promise<void> {
  const { remote } = access;
  const { resultBranch, base } = repository;
  if (remote.kind === 'local') await checkLocalRemote(remote.path, resultBranch, signal);
  const push = { commit: base, remoteTip: branches.get(resultBranch), dryRun: true };
  await pushToResultBranch(repository, push, access, inBase(repository, signal));
}
