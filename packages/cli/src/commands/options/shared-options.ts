import { type Command, Option } from 'commander';
import type { ClusterChoice } from '../../cluster/connection/connection.ts';
import type { Context } from '../../context.ts';
import { usageError } from '../../failure.ts';
import { GATE_ANSWERS } from '../../teams/gates.ts';
import { parseNamespace } from './parsers.ts';

/** Options that select where teams are. */
export interface HostOptions extends ClusterChoice {
  readonly dir?: string;
  readonly cluster?: true;
}

/** Environment variable that selects where teams are when no option does: `local` or `cluster`. */
const HOST_VARIABLE = 'AGENTTEAM_HOST';

/**
 * Adds kubectl's options for the cluster and the namespace.
 * @param defaultNamespace for the help text.
 */
export function addClusterOptions(
  command: Command,
  defaultNamespace = "the context's namespace",
): Command {
  return command
    .option('-n, --namespace <name>', `namespace (default: ${defaultNamespace})`, parseNamespace)
    .option('--context <name>', 'context of the kubeconfig')
    .option('--kubeconfig <file>', 'kubeconfig file, as for kubectl');
}

/** Adds the options of commands that work on this machine and on a cluster. */
export function addHostOptions(command: Command): Command {
  command.option('--dir <directory>', 'on this machine: directory of the runs');
  command.addOption(new Option('--cluster', 'use the cluster of the current context'));
  return addClusterOptions(command).addHelpText('after', WHERE);
}

const WHERE = `
The command looks on this machine unless you use -n, --context,
--kubeconfig or --cluster, or set ${HOST_VARIABLE}=cluster.
As kubectl agentteam it always looks in the cluster.`;

/**
 * Whether a command looks on a cluster. The first of these decides: the kubectl plugin, the options,
 * {@link HOST_VARIABLE}. The default is this machine. It does not depend on which teams exist, so that
 * a command always means the same.
 */
export function isInCluster(context: Context, options: HostOptions): boolean {
  const { dir, cluster, kubeconfig, context: named, namespace } = options;
  const remote = [cluster, kubeconfig, named, namespace].some((option) => option !== undefined);
  if (dir !== undefined && (remote || context.isPlugin)) {
    throw usageError('--dir applies only to runs on this machine', 'Omit it for a cluster.');
  }
  if (context.isPlugin || remote) return true;
  if (dir !== undefined) return false;
  const host = context.env[HOST_VARIABLE] ?? 'local';
  if (host === 'local' || host === 'cluster') return host === 'cluster';
  throw usageError(`${HOST_VARIABLE}=${host}: expected local or cluster`);
}

/** `--gates`, for commands that execute a run. */
export function gatesOption(): Option {
  return new Option(
    '--gates <answer>',
    'how to answer gates: ask on this terminal, approve, or wait for agentteam approve (default: ask on a terminal; otherwise approve in a rehearsal and wait in a real run)',
  ).choices(GATE_ANSWERS);
}
