import type { Workflow } from '@agentteam/argo';
import { changesOf, formatProblems } from '@agentteam/compiler';
import { ANNOTATIONS, type ChangedSteps, isRecord } from '@agentteam/contract';
import { earlierSpecs, specOfRun } from '../../approvals/rulings.ts';
import { specHash } from '../../approvals/spec-hash.ts';
import { type CachedWorkflow, trimWorkflow } from '../../argo/cached-workflow.ts';
import type { KubeObject, Manifest } from '../../kube/objects.ts';
import type { CachedTeam } from '../cached-resource.ts';
import { compiledOf, specAnnotations } from './compiled.ts';
import type { TeamContext } from './context.ts';
import { isOwnedBy, workflowRef } from './refs.ts';

export interface RetryPreparation {
  /** The Workflow that a retry continues. */
  readonly workflow: CachedWorkflow;
  /** Why a retry cannot use the team's current spec. */
  readonly refused?: string;
}

/**
 * Writes a team's changed spec into its Workflow, which has ended without success, so that a retry uses
 * it. An annotation names the steps whose part of the spec has changed, because Argo repeats only the
 * steps that `argo retry` is told to repeat.
 */
export async function prepareRetry(
  team: CachedTeam,
  workflow: CachedWorkflow,
  context: TeamContext,
): Promise<RetryPreparation> {
  if (!isBehind(team, workflow)) return { workflow };
  const { compiled, problems } = compiledOf(team, context);
  if (compiled === undefined) {
    return {
      workflow,
      refused: formatProblems(problems, { file: `agentteam/${team.metadata.name}` }),
    };
  }
  const { api, log, workflows } = context;
  const ref = workflowRef(team);
  const read = await api.read<KubeObject>(ref);
  if (read === undefined || !isOwnedBy(read, team)) return { workflow };
  const before = read as unknown as Workflow;
  if (!before.status?.finishedAt) return { workflow: trimWorkflow(read) };
  const changes = changesOf(before, compiled.workflow);
  if ('refused' in changes) return { workflow, refused: changes.refused };
  const { startedAt = '' } = before.status;
  const known = changedStepsOf(before);
  const steps = known?.startedAt === startedAt ? [...known.steps, ...changes.steps] : changes.steps;
  const changed: ChangedSteps = { startedAt, steps: [...new Set(steps)] };
  const { labels } = compiled.workflow.metadata;
  const { spec } = compiled.workflow;
  const annotations = {
    ...specAnnotations(team),
    [ANNOTATIONS.earlierSpecs]: [...earlierSpecs(read), specOfRun(team, workflow)].join(' '),
    [ANNOTATIONS.changedSteps]: JSON.stringify(changed),
  };
  const { resourceVersion } = read.metadata;
  const metadata = await api.patch(ref, {
    metadata: { resourceVersion, labels, annotations },
    spec,
  });
  const after = trimWorkflow({ ...read, metadata, spec } as unknown as Manifest);
  workflows.assume(after);
  log.info({ team: team.metadata.name, ...changed }, 'prepared a retry with the changed spec');
  return { workflow: after };
}

function isBehind({ metadata, spec, status }: CachedTeam, workflow: CachedWorkflow): boolean {
  const { annotations = {} } = workflow.metadata;
  if (!workflow.status?.finishedAt || status?.phase === 'Completed') return false;
  const started = annotations[ANNOTATIONS.generation];
  if (started === undefined || started === String(metadata.generation)) return false;
  return annotations[ANNOTATIONS.spec] !== specHash(spec);
}

function changedStepsOf({ metadata }: Workflow): ChangedSteps | undefined {
  try {
    const value: unknown = JSON.parse(metadata.annotations?.[ANNOTATIONS.changedSteps] ?? 'null');
    return isRecord(value) ? (value as unknown as ChangedSteps) : undefined;
  } catch {
    return undefined;
  }
}
