import { type Command, Option } from 'commander';
import type { Context } from '../../context.ts';
import { usageError } from '../../failure.ts';
import type { ClusterChoice } from '../../cluster/connection/connection.ts';
import { parseNamespace } from './names.ts';

/** Options that say where teams are. */
export interface HostOptions extends ClusterChoice {
  readonly dir?: string;
  readonly cluster?: true;
}

/** Environment variable that says where teams are, when no option does: `local` or `cluster`. */
export const HOST_VARIABLE = 'AGENTTEAM_HOST';

/** Adds the options that name a cluster and a namespace, as kubectl has them. */
export function addClusterOptions(command: Command): Command {
  return command
    .option('-n, --namespace <name>', "namespace; the context's if absent", parseNamespace)
    .option('--context <name>', 'context of the kubeconfig')
    .option('--kubeconfig <file>', 'kubeconfig, as for kubectl');
}

/** Adds the options by which a verb finds its team, on this machine or in a cluster. */
export function addHostOptions(command: Command): Command {
  command.option('--dir <directory>', 'on this machine: where runs are kept');
  command.addOption(new Option('--cluster', 'in the cluster of the current context'));
  return addClusterOptions(command).addHelpText('after', WHERE);
}

const WHERE = `
Where: on this machine, unless -n, --context, --kubeconfig or --cluster is given, or
${HOST_VARIABLE}=cluster is set. As kubectl agentteam: always in the cluster.
`;

/**
 * Where a verb looks, in this order: as a plugin of kubectl in the cluster; where its options say;
 * where {@link HOST_VARIABLE} says; on this machine. Whether a team of that name is there plays no
 * part, so that the same command never means two things.
 */
export function isInCluster(context: Context, options: HostOptions): boolean {
  const { dir, cluster, kubeconfig, context: named, namespace } = options;
  const remote = [cluster, kubeconfig, named, namespace].some((option) => option !== undefined);
  if (dir !== undefined && (remote || context.isPlugin)) {
    throw usageError('--dir is about runs of this machine', 'Leave it out for a cluster.');
  }
  if (context.isPlugin || remote) return true;
  if (dir !== undefined) return false;
  const host = context.env[HOST_VARIABLE] ?? 'local';
  if (host === 'local' || host === 'cluster') return host === 'cluster';
  throw usageError(`${HOST_VARIABLE}=${host}: local or cluster is expected`);
}
