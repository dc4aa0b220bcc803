import type { Workflow } from '@agentteam/argo';
import { changesOf, formatProblems } from '@agentteam/compiler';
import { ANNOTATIONS, type ChangedSteps, parseChangedSteps } from '@agentteam/contract';
import { earlierSpecs, latestHashes, specOfRun } from '../../approvals/rulings.ts';
import { specHash } from '../../approvals/spec-hash.ts';
import { type CachedWorkflow, trimWorkflow } from '../../argo/cached-workflow.ts';
import type { KubeObject, Manifest } from '../../kube/objects.ts';
import type { CachedTeam } from '../cached-resource.ts';
import { ensureOutputClaim } from './claims.ts';
import { compiledOf, specAnnotations } from './compiled.ts';
import type { TeamContext } from './context.ts';
import { isOwnedBy, workflowRef } from './refs.ts';
import { refusal } from './start-workflow.ts';

export interface RetryPreparation {
  /** The Workflow that a retry continues. */
  readonly workflow: CachedWorkflow;
  /** Why a retry cannot use the team's current spec. */
  readonly refused?: string;
  /** After how many ms to try again. */
  readonly requeueMs?: number;
}

/**
 * Writes a team's changed spec into its Workflow, which has ended without success, so that a retry uses it.
 * An annotation names the steps whose part of the spec has changed, because Argo repeats only the steps that
 * `argo retry` selects.
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
  if (before.metadata.annotations?.[ANNOTATIONS.spec] === undefined) {
    return { workflow, refused: EARLIER_RELEASE };
  }
  const changes = changesOf(before, compiled.workflow);
  if ('refused' in changes) return { workflow, refused: changes.refused };
  const claim = await ensureOutputClaim(compiled.claims, team, context).catch((error: unknown) => ({
    message: refusal(error),
    requeue: { afterMs: CHECK_AGAIN_MS },
  }));
  if (claim !== undefined) {
    const { message, requeue } = claim;
    const requeueMs = requeue !== undefined && 'afterMs' in requeue ? requeue.afterMs : undefined;
    return { workflow, refused: message, ...(requeueMs !== undefined && { requeueMs }) };
  }
  const { startedAt = '' } = before.status;
  const known = parseChangedSteps(
    before.metadata.annotations?.[ANNOTATIONS.changedSteps],
    startedAt,
  );
  const changed: ChangedSteps = { startedAt, steps: [...new Set([...known, ...changes.steps])] };
  const { labels } = compiled.workflow.metadata;
  const { spec } = compiled.workflow;
  const annotations = {
    ...specAnnotations(team),
    [ANNOTATIONS.earlierSpecs]: latestHashes([
      ...earlierSpecs(read),
      specOfRun(team, workflow),
    ]).join(' '),
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

/** When to ask again for a claim that the API server has refused. */
const CHECK_AGAIN_MS = 20_000;

/** Workflows of releases before 0.2.0 have other volumes, and their steps have no digests. */
const EARLIER_RELEASE =
  'an earlier release started the team, and only its unchanged spec can be retried; delete the team and submit it again';

function isBehind({ metadata, spec, status }: CachedTeam, workflow: CachedWorkflow): boolean {
  const { annotations = {} } = workflow.metadata;
  if (!workflow.status?.finishedAt || status?.phase === 'Completed') return false;
  const started = annotations[ANNOTATIONS.generation];
  if (started === undefined || started === String(metadata.generation)) return false;
  return annotations[ANNOTATIONS.spec] !== specHash(spec);
}
