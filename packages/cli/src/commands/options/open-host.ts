import type { Context } from '../../context.ts';
import { retryRun } from '../../run/retry-run.ts';
import { localHost } from '../../teams/local/local-host.ts';
import { runsDirectory } from '../../teams/local/runs-directory.ts';
import type { TeamHost } from '../../teams/team-host.ts';
import { type HostOptions, isInCluster } from './shared-options.ts';

/** Opens the host that the options select: the runs on this machine, or a namespace of a cluster. */
export async function openHost(context: Context, options: HostOptions): Promise<TeamHost> {
  if (!isInCluster(context, options)) {
    return localHost(runsDirectory(context, options.dir), retryRun, context.env);
  }
  // The Kubernetes client is large, so it is loaded only when it is needed.
  const { ClusterHost } = await import('../../teams/cluster/cluster-host.ts');
  return new ClusterHost(options);
}
