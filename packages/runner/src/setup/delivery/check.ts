import { ENV, PATHS, type SetupSpec, under } from '@agentteam/contract';
import { type RemoteAccess, withRemoteAccess } from '../../git/remote/access.ts';
import type { RemoteRefs } from '../../git/remote/refs.ts';
import type { TeamRepository } from '../../git/repository.ts';
import { exists } from '../../step/exists.ts';
import { branchesOf, checkBranches } from './branches.ts';
import { checkHosting } from './hosting.ts';
import { checkPush } from './push.ts';

/**
 * Checks that the team's result can be delivered, before the first agent spends money. This changes
 * nothing at the remote.
 * @param access the access with which the repository was cloned.
 * @throws StepFailure that names the cause, the field and the remedy.
 */
export async function checkDelivery(
  env: NodeJS.ProcessEnv,
  spec: SetupSpec,
  repository: TeamRepository,
  access: RemoteAccess,
  refs: RemoteRefs,
  signal: AbortSignal,
): Promise<void> {
  const branches = branchesOf(repository.branch, spec);
  if (branches === undefined) return;
  checkBranches(branches, refs, access);
  const pushCredential = under(env[ENV.root] ?? '', `${PATHS.credentials}/push`);
  const push = (pushAccess: RemoteAccess) => checkPush(repository, pushAccess, refs, signal);
  const hasOwn = await exists(pushCredential);
  await (hasOwn
    ? withRemoteAccess(env, spec.repository?.url ?? '', pushCredential, push)
    : push(access));
  await checkHosting(env, spec, branches, refs.branches.has(branches.result), signal);
}
