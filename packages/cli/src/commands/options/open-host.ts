import type { Context } from '../../context.ts';
import { type HostOptions, isInCluster } from './host-options.ts';
import { localHost } from '../../teams/local/local-host.ts';
import { runsDirectory } from '../../teams/local/runs-directory.ts';
import type { TeamHost } from '../../teams/team-host.ts';

/** Where teams are: the runs of this machine, or a namespace of a cluster. */
export async function openHost(context: Context, options: HostOptions): Promise<TeamHost> {
  if (!isInCluster(context, options)) return localHost(runsDirectory(context, options.dir));
  // Its client is large, and of no use to those who stay on this machine.
  const { openCluster } = await import('../../teams/cluster/cluster-host.ts');
  return openCluster(options);
}
