import type { Workflow } from '@agentteam/argo';
import { ANNOTATIONS, parseChangedSteps } from '@agentteam/contract';
import { outcome } from '@agentteam/status';
import { ExecaError, execa } from 'execa';
import type { Context } from '../../context.ts';
import { Failure } from '../../failure.ts';
import type { ClusterChoice } from '../../kube/connection.ts';
import { follow } from '../../kube/follow.ts';
import type { Submission } from '../../submit/submission.ts';
import { respecifyTeam } from '../../submit/submit-team.ts';
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
export function alsoRepeated(
  workflow: Workflow,
  unapproved: readonly string[],
  changed: readonly string[] = [],
): readonly string[] {
  const nodes = Object.values(workflow.status?.nodes ?? {});
  const named = nodes.filter(repeatedToo(workflow, unapproved, changed));
  if (named.length === 0) return [];
  const others = nodes.filter((node) => !named.includes(node));
  const selector = others.map(({ displayName }) => `displayName!=${displayName}`).join(',');
  return ['--restart-successful', `--node-field-selector=${selector}`];
}

export interface RetryOptions {
  /** US dollars that the whole team may have spent from now on; absent: as its spec says. */
  readonly budget?: string;
  /** The team's corrected file; absent: the team as it is in the cluster. */
  readonly submission?: Submission;
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
  { budget, submission }: RetryOptions,
): Promise<void> {
  const { team, status, workflow, reference } = await host.get(name);
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
  if (submission !== undefined) await respecifyTeam(host, team, submission);
  if (budget !== undefined) {
    await host.teams.patch(name, { spec: { lifecycle: { budgetLimit: budget } } });
  }
  const current = await specTaken(host, name, signal);
  const changed = changedSteps(current);
  const unapproved = unapprovedGates(status);
  const hasSucceeded = current.status?.phase === 'Succeeded';
  if (hasSucceeded && unapproved.length === 0 && changed.length === 0) {
    throw new Failure(
      `no step of ${name} failed, and no gate was rejected: there is nothing to repeat`,
      { wayOut: `agentteam get ${reference}   shows how it stands.` },
    );
  }
  if (unapproved.length > 0) await host.teams.patch(name, withoutAnswers(unapproved));
  const { namespace } = host.connection;
  const args = [
    'retry',
    workflow.metadata.name ?? name,
    ...['-n', namespace, ...flags(choice)],
    ...alsoRepeated(current, unapproved, changed),
  ];
  await runArgo(args, env, signal);
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

/** The controller takes a moment to bring a Workflow to a changed spec. */
const SPEC_WITHIN_MS = 60_000;

/**
 * Waits until the Workflow is the one that the team's spec asks for.
 * @throws Failure where the run cannot go on with that spec, and where no controller takes it.
 */
async function specTaken(host: ClusterHost, name: string, signal: AbortSignal): Promise<Workflow> {
  const until = AbortSignal.any([signal, AbortSignal.timeout(SPEC_WITHIN_MS)]);
  for await (const team of follow(host.connection, host.teams, name, until)) {
    if (team === undefined) throw new Failure(`${name} was deleted`);
    const generation = team.metadata.generation ?? 0;
    const { workflow, reference } = await host.get(name);
    const taken = workflow.metadata.annotations?.[ANNOTATIONS.generation];
    if (taken === undefined || taken === String(generation)) return workflow;
    const { conditions = [], observedGeneration = 0 } = team.status ?? {};
    const changed = conditions.find(({ type }) => type === 'SpecChanged');
    if (observedGeneration < generation || changed === undefined) continue;
    // Changed and put back.
    if (changed.status !== 'True') return workflow;
    if (changed.reason !== 'CannotRetry') continue;
    throw new Failure(`${name} cannot go on with its changed spec: ${changed.message}`, {
      wayOut: `Put the spec back, or agentteam delete ${reference} --wait   and submit it again.`,
    });
  }
  signal.throwIfAborted();
  throw new Failure(`the controller has not taken the changed spec of ${name} within a minute`, {
    wayOut: 'agentteam doctor   looks whether it runs.',
  });
}

/** Steps that the controller has named because their part of the spec was changed after the end. */
function changedSteps({ metadata, status }: Workflow): readonly string[] {
  return parseChangedSteps(metadata.annotations?.[ANNOTATIONS.changedSteps], status?.startedAt);
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
): Promise<void> {
  try {
    await execa('argo', args, { env, extendEnv: false, stdin: 'ignore', cancelSignal: signal });
  } catch (error) {
    if (!(error instanceof ExecaError)) throw error;
    const command = ['argo', ...args].map(shellWord).join(' ');
    if (error.code === 'ENOENT') {
      throw new Failure('Argo repeats what failed, and its program argo is not on PATH', {
        wayOut: `Install it (https://github.com/argoproj/argo-workflows/releases), or press Retry in Argo's UI, or where it is: ${command}`,
        cause: error,
      });
    }
    throw new Failure(`${command}: ${error.stderr || error.shortMessage}`, {
      cause: error,
    });
  }
}
