import { ENV, EXIT, hostingApiOf, PATHS, type SetupSpec, under } from '@agentteam/contract';
import { reach } from '../../deliver/hosting/reach.ts';
import { hostingToken, serviceOf } from '../../deliver/hosting/service-of.ts';
import { trustAuthority } from '../../git/remote/network.ts';
import { parseRemoteUrl } from '../../git/remote/url.ts';
import { StepFailure } from '../../step/failure.ts';
import { say } from '../../step/say.ts';
import type { DeliveryBranches } from './branches.ts';

/** What the service does not answer in this time is left for the delivery to find out. */
const PATIENCE_MS = 15_000;

/**
 * Sees whether the hosting service would take the pull request, and the branch for it.
 * @param exists whether the result's branch is there already.
 * @throws StepFailure with all that it would refuse.
 */
export async function checkHosting(
  env: NodeJS.ProcessEnv,
  { repository, delivery }: SetupSpec,
  { result, target }: DeliveryBranches,
  exists: boolean,
  signal: AbortSignal,
): Promise<void> {
  const root = env[ENV.root] ?? '';
  const remote = parseRemoteUrl(repository?.url ?? '');
  const token = await hostingToken(root);
  const override = env[ENV.hostingUrl];
  const isKnown = (override ?? hostingApiOf(remote.url)) !== undefined && token !== undefined;
  // A branch alone can be pushed anywhere.
  if (target === undefined && !isKnown) return;
  await trustAuthority(under(root, `${PATHS.credentials}/git`));
  const service = serviceOf(remote, token, override, reach(env));
  const { reviewers = [], labels = [] } = delivery?.pullRequest ?? {};
  const base = target === undefined ? {} : { base: target };
  const change = { head: result, exists, ...base, reviewers, labels };
  const patience = AbortSignal.timeout(PATIENCE_MS);
  try {
    const { refusals, unknown } = await service.foresee(
      change,
      AbortSignal.any([signal, patience]),
    );
    for (const words of unknown) say(words);
    if (refusals.length === 0) return;
    throw new StepFailure(refusals.join('\n'), EXIT.refused);
  } catch (error) {
    if (error instanceof StepFailure || signal.aborted) throw error;
    say(`The hosting service did not say whether it would take the pull request: ${String(error)}`);
  }
}
