import type { Workflow } from '@agentteam/argo';
import { withTeamLimit } from '@agentteam/compiler';
import { ANNOTATIONS } from '@agentteam/contract';
import { outcome } from '@agentteam/status';
import { ExecaError, execa } from 'execa';
import type { Context } from '../../context.ts';
import { Failure } from '../../failure.ts';
import type { ClusterChoice } from '../../kube/connection.ts';
import { follow } from '../../kube/follow.ts';
import { shellWord } from '../../terminal/shell-word.ts';
import { repeatedToo, unapprovedGates } from '../repeated-too.ts';
import type { ClusterHost } from './cluster-host.ts';

/**
 * Of its own accord Argo repeats failed pods alone, and those only where nothing that followed from
 * them has succeeded. The roll-call follows from every teammate that failed, a gate that was open when
 * the team was stopped has failed without a pod, and the lead may have succeeded: they have to be named.
 * A selector joins by "and" alone, so it names all others.
 * Source: FormulateRetryWorkflow, isDescendantNodeSucceeded and SelectorMatchesNode, Argo Workflows 4.1.2.
 */
export function alsoRepeated(workflow: Workflow, unapproved: readonly string[]): readonly string[] {
  const nodes = Object.values(workflow.status?.nodes ?? {});
  const named = nodes.filter(repeatedToo(workflow, unapproved));
  if (named.length === 0) return [];
  const others = nodes.filter((node) => !named.includes(node));
  const selector = others.map(({ displayName }) => `displayName!=${displayName}`).join(',');
  return ['--restart-successful', `--node-field-selector=${selector}`];
}

export interface RetryOptions {
  /** US dollars that the whole team may have spent from now on; absent: as it began. */
  readonly budget?: string;
}

/**
 * Has Argo repeat what failed and ask again at gates that are not approved, and waits until the controller
 * has seen it. Which nodes and pods
 * must go for that, and which must stay, differs between releases of Argo: its own program knows
 * those of its own.
 * @throws Failure for a team that has not ended, or ended well, and where there is no `argo`.
 */
export async function retryTeam(
  host: ClusterHost,
  name: string,
  choice: ClusterChoice,
  { env, signal }: Pick<Context, 'env' | 'signal'>,
  { budget }: RetryOptions,
): Promise<void> {
  const { status, workflow, reference } = await host.get(name);
  const { exitCode } = outcome(status);
  if (exitCode === undefined || exitCode === 0) {
    const how = exitCode === 0 ? 'has completed' : 'has not ended';
    throw new Failure(`${name} ${how}: there is nothing to repeat`, {
      wayOut: `agentteam get ${reference}   shows how it stands.`,
    });
  }
  if (workflow.status === undefined) {
    throw new Failure(`${name} has no Workflow to go on with`, {
      wayOut: `agentteam delete ${reference} --wait   and submit it again.`,
    });
  }
  const unapproved = unapprovedGates(status);
  if (workflow.status.phase === 'Succeeded' && unapproved.length === 0) {
    throw new Failure(
      `no step of ${name} failed, and no gate was rejected: there is nothing to repeat`,
      {
        wayOut: `agentteam get ${reference}   shows how it stands.`,
      },
    );
  }
  if (unapproved.length > 0) await host.teams.patch(name, withoutAnswers(unapproved));
  if (budget !== undefined) await raiseLimit(host, workflow, budget);
  const { namespace } = host.connection;
  const where = ['-n', namespace, ...flags(choice)];
  const args = [
    'retry',
    workflow.metadata.name ?? name,
    ...where,
    ...alsoRepeated(workflow, unapproved),
  ];
  const raised = budget === undefined ? '' : `the limit of ${name} is $${budget} now, but `;
  await runArgo(args, env, signal, raised);
  for await (const team of follow(host.connection, host.teams, name, signal)) {
    if (team?.status === undefined || outcome(team.status).exitCode === undefined) return;
  }
}

/** Takes the answers to gates back, so that those gates wait for new ones. */
function withoutAnswers(events: readonly string[]): object {
  const { approvedPrefix, reasonPrefix, byPrefix } = ANNOTATIONS;
  const names = events.flatMap((event) =>
    [approvedPrefix, reasonPrefix, byPrefix].map((prefix) => `${prefix}${event}`),
  );
  return { metadata: { annotations: Object.fromEntries(names.map((name) => [name, null])) } };
}

/** @throws Failure when the Workflow has changed meanwhile. */
async function raiseLimit(host: ClusterHost, workflow: Workflow, budget: string): Promise<void> {
  const { name = '', resourceVersion } = workflow.metadata;
  const { templates } = withTeamLimit(workflow, budget).spec;
  await host.workflows.patch(name, { metadata: { resourceVersion }, spec: { templates } });
}

function flags({ context, kubeconfig }: ClusterChoice): readonly string[] {
  return [
    ...(context === undefined ? [] : ['--context', context]),
    ...(kubeconfig === undefined ? [] : ['--kubeconfig', kubeconfig]),
  ];
}

async function runArgo(
  args: readonly string[],
  env: Context['env'],
  signal: AbortSignal,
  before: string,
): Promise<void> {
  try {
    await execa('argo', args, { env, extendEnv: false, stdin: 'ignore', cancelSignal: signal });
  } catch (error) {
    if (!(error instanceof ExecaError)) throw error;
    const command = ['argo', ...args].map(shellWord).join(' ');
    if (error.code === 'ENOENT') {
      throw new Failure(`${before}Argo repeats what failed, and its program argo is not on PATH`, {
        wayOut: `Install it (https://github.com/argoproj/argo-workflows/releases), or press Retry in Argo's UI, or where it is: ${command}`,
        cause: error,
      });
    }
    throw new Failure(`${before}${command}: ${error.stderr || error.shortMessage}`, {
      cause: error,
    });
  }
}
