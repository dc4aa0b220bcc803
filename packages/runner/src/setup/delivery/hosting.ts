import { EXIT, type SetupSpec } from '@agentteam/contract';
import { parseRemoteUrl } from '../../git/remote/url.ts';
import { hasHostingService, openHostingService } from '../../hosting/open-service.ts';
import { explain, StepFailure } from '../../step/failure.ts';
import { print } from '../../step/print.ts';
import type { DeliveryBranches } from './branches.ts';

/** Questions that the service does not answer in this time are left to the delivery. */
const TIMEOUT_MS = 15_000;

/**
 * Checks that the hosting service would accept the result branch, and the pull request if there is to be one.
 * @param exists whether the result branch exists at the remote.
 * @throws StepFailure with every reason why the service would refuse.
 */
export async function checkHosting(
  env: NodeJS.ProcessEnv,
  { repository, delivery }: SetupSpec,
  { result, target }: DeliveryBranches,
  exists: boolean,
  signal: AbortSignal,
): Promise<void> {
  const remote = parseRemoteUrl(repository?.url ?? '');
  // A branch alone can be pushed without a hosting service.
  if (target === undefined && !(await hasHostingService(env, remote))) return;
  const service = await openHostingService(env, remote);
  const { reviewers = [], labels = [] } = delivery?.pullRequest ?? {};
  const base = target === undefined ? {} : { base: target };
  const change = { head: result, exists, ...base, reviewers, labels };
  try {
    const { refusals, unknown } = await service.forecast(
      change,
      AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    );
    for (const message of unknown) print(message);
    if (refusals.length === 0) return;
    throw new StepFailure(refusals.join('\n'), EXIT.refused);
  } catch (error) {
    if (error instanceof StepFailure || signal.aborted) throw error;
    print(
      `The hosting service could not be asked whether it accepts the result: ${explain(error)}`,
    );
  }
}
