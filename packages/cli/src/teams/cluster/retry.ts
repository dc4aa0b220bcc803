import type { Workflow } from '@agentteam/argo';
import { ANNOTATIONS, parseChangedSteps } from '@agentteam/contract';
import { teamExitCode } from '@agentteam/status';
import { shellWord } from '@agentteam/text';
import { ExecaError, execa } from 'execa';
import type { ClusterChoice } from '../../cluster/connection/connection.ts';
import { follow } from '../../cluster/connection/follow.ts';
import { readSubmission } from '../../cluster/submit/submission.ts';
import { replaceSpec } from '../../cluster/submit/submit-team.ts';
import type { Context } from '../../context.ts';
import { Failure, usageError } from '../../failure.ts';
import { repeatedSteps, unapprovedGates } from '../repeated-steps.ts';
import type { RetryOptions } from '../team-host.ts';
import type { ClusterTeams } from './cluster-teams.ts';

/**
 * Flags that make `argo retry` repeat more than failed pods. By default Argo repeats a failed pod only if
 * no later step succeeded. The roll call follows every failed teammate, a gate that was open when the team
 * was stopped has no pod, and the lead may have succeeded, so these must be selected explicitly. Argo joins
 * selectors with "and", so the selector excludes all other nodes by name.
 * Source: FormulateRetryWorkflow, isDescendantNodeSucceeded and SelectorMatchesNode in Argo Workflows 4.1.2.
 */
export function selectorFlags(
  workflow: Workflow,
  unapproved: readonly string[],
  changed: readonly string[] = [],
): readonly string[] {
  const nodes = Object.values(workflow.status?.nodes ?? {});
  const selected = nodes.filter(repeatedSteps(workflow, unapproved, changed));
  if (selected.length === 0) return [];
  const others = nodes.filter((node) => !selected.includes(node));
  const selector = others.map(({ displayName }) => `displayName!=${displayName}`).join(',');
  return ['--restart-successful', `--node-field-selector=${selector}`];
}

/**
 * Makes Argo repeat the failed steps and open unapproved gates again, and waits until the controller has
 * noticed. It runs the `argo` program, because the nodes and pods that a retry must delete differ between
 * Argo releases.
 * @throws Failure when the team has not ended, there is nothing to repeat, or `argo` is not installed.
 */
export async function retryTeam(
  cluster: ClusterTeams,
  name: string,
  choice: ClusterChoice,
  context: Context,
  { file, budget, gates }: RetryOptions,
): Promise<void> {
  if (gates !== undefined) throw usageError('--gates applies only to runs on this machine');
  const submission = file === undefined ? undefined : await readSubmission(context, file, name);
  const { team, status, workflow, reference } = await cluster.get(name);
  const hint = `To see its state, run: agentteam get ${reference}`;
  const exitCode = teamExitCode(status);
  if (exitCode === undefined || exitCode === 0) {
    const state = exitCode === 0 ? 'has completed' : 'has not ended';
    throw new Failure(`${name} ${state}, so there is nothing to repeat`, { hint });
  }
  if (workflow.status === undefined) {
    throw new Failure(`${name} no longer has a Workflow to continue`, {
      hint: `Run agentteam delete ${reference} --wait, then submit the team again.`,
    });
  }
  if (submission !== undefined) await replaceSpec(cluster, team, submission);
  if (budget !== undefined) {
    await cluster.teams.patch(name, { spec: { lifecycle: { budgetLimit: budget } } });
  }
  const current = await updatedWorkflow(cluster, name, context.signal);
  const changed = changedSteps(current);
  const unapproved = unapprovedGates(status);
  const hasSucceeded = current.status?.phase === 'Succeeded';
  if (hasSucceeded && unapproved.length === 0 && changed.length === 0) {
    throw new Failure(
      `no step of ${name} failed and no gate was rejected, so there is nothing to repeat`,
      { hint },
    );
  }
  if (unapproved.length > 0) await cluster.teams.patch(name, withoutAnswers(unapproved));
  const args = [
    'retry',
    workflow.metadata.name ?? name,
    ...['-n', cluster.connection.namespace, ...clusterFlags(choice)],
    ...selectorFlags(current, unapproved, changed),
  ];
  await runArgo(args, context);
  for await (const latest of follow(cluster.connection, cluster.teams, name, context.signal)) {
    if (latest?.status === undefined || teamExitCode(latest.status) === undefined) return;
  }
}

/** A patch that removes the answers to gates, so that the gates wait for new answers. */
function withoutAnswers(events: readonly string[]): object {
  const { approvedPrefix, reasonPrefix, byPrefix } = ANNOTATIONS;
  const names = events.flatMap((event) =>
    [approvedPrefix, reasonPrefix, byPrefix].map((prefix) => `${prefix}${event}`),
  );
  return { metadata: { annotations: Object.fromEntries(names.map((name) => [name, null])) } };
}

/** How long to wait for the controller to write a changed spec into the Workflow. */
const SPEC_TIMEOUT_MS = 60_000;

/**
 * Waits until the Workflow matches the team's spec.
 * @throws Failure when the run cannot continue with that spec, or no controller updates the Workflow.
 */
async function updatedWorkflow(
  cluster: ClusterTeams,
  name: string,
  signal: AbortSignal,
): Promise<Workflow> {
  const until = AbortSignal.any([signal, AbortSignal.timeout(SPEC_TIMEOUT_MS)]);
  for await (const team of follow(cluster.connection, cluster.teams, name, until)) {
    if (team === undefined) throw new Failure(`${name} was deleted`);
    const generation = team.metadata.generation ?? 0;
    const { workflow, reference } = await cluster.get(name);
    const written = workflow.metadata.annotations?.[ANNOTATIONS.generation];
    if (written === undefined || written === String(generation)) return workflow;
    const { conditions = [], observedGeneration = 0 } = team.status ?? {};
    const changed = conditions.find(({ type }) => type === 'SpecChanged');
    if (observedGeneration < generation || changed === undefined) continue;
    // The spec was changed and then changed back.
    if (changed.status !== 'True') return workflow;
    if (changed.reason !== 'CannotRetry') continue;
    throw new Failure(`${name} cannot continue with its changed spec: ${changed.message}`, {
      hint: `Restore the spec, or run agentteam delete ${reference} --wait and submit the team again.`,
    });
  }
  signal.throwIfAborted();
  throw new Failure(
    `the controller did not write the changed spec of ${name} into its Workflow within a minute`,
    { hint: 'To check the controller, run: agentteam doctor' },
  );
}

/** Steps whose part of the spec was changed after the end, as the controller recorded them. */
function changedSteps({ metadata, status }: Workflow): readonly string[] {
  return parseChangedSteps(metadata.annotations?.[ANNOTATIONS.changedSteps], status?.startedAt);
}

function clusterFlags({ context, kubeconfig }: ClusterChoice): readonly string[] {
  return [
    ...(context === undefined ? [] : ['--context', context]),
    ...(kubeconfig === undefined ? [] : ['--kubeconfig', kubeconfig]),
  ];
}

async function runArgo(
  args: readonly string[],
  { env, signal }: Pick<Context, 'env' | 'signal'>,
): Promise<void> {
  try {
    await execa('argo', args, { env, extendEnv: false, stdin: 'ignore', cancelSignal: signal });
  } catch (error) {
    if (!(error instanceof ExecaError)) throw error;
    const command = ['argo', ...args].map(shellWord).join(' ');
    if (error.code === 'ENOENT') {
      throw new Failure('a retry on a cluster needs the program argo, which is not on PATH', {
        hint: `Install it from https://github.com/argoproj/argo-workflows/releases, press Retry in Argo's UI, or run this where argo is installed: ${command}`,
        cause: error,
      });
    }
    throw new Failure(`${command}: ${error.stderr || error.shortMessage}`, {
      cause: error,
    });
  }
}
