import type { Workflow } from '@agentteam/argo';
import { changesOf, formatProblems } from '@agentteam/compiler';
import { ANNOTATIONS, type ChangedSteps, parseChangedSteps } from '@agentteam/contract';
import { earlierSpecs, specOfRun } from '../../approvals/rulings.ts';
import { specHash } from '../../approvals/spec-hash.ts';
import { type StoredWorkflow, storeWorkflow } from '../../argo/stored.ts';
import type { KubeObject, Manifest } from '../../kube/objects.ts';
import type { StoredTeam } from '../stored.ts';
import { compiledOf, specAnnotations } from './compiled.ts';
import type { TeamContext } from './context.ts';
import { isOwnedBy, workflowRef } from './refs.ts';

/** A Workflow as a retry would go on with it, and the reason where it cannot go on with the team's spec. */
export interface Respecified {
  readonly workflow: StoredWorkflow;
  readonly refused?: string;
}

/**
 * Brings the Workflow of a team that has ended without success to the team's spec, which was changed
 * afterwards, so that a retry goes on with that. Steps whose part of the spec is another are named in an
 * annotation: Argo's retry repeats those only that it is told of.
 */
export async function respecify(
  team: StoredTeam,
  workflow: StoredWorkflow,
  context: TeamContext,
): Promise<Respecified> {
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
  const stored = await api.read<KubeObject>(ref);
  if (stored === undefined || !isOwnedBy(stored, team)) return { workflow };
  const before = stored as unknown as Workflow;
  if (!before.status?.finishedAt) return { workflow: storeWorkflow(stored) };
  const changes = changesOf(before, compiled.workflow);
  if ('refused' in changes) return { workflow, refused: changes.refused };
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
    [ANNOTATIONS.earlierSpecs]: [...earlierSpecs(stored), specOfRun(team, workflow)].join(' '),
    [ANNOTATIONS.changedSteps]: JSON.stringify(changed),
  };
  const { resourceVersion } = stored.metadata;
  const metadata = await api.patch(ref, {
    metadata: { resourceVersion, labels, annotations },
    spec,
  });
  const after = storeWorkflow({ ...stored, metadata, spec } as unknown as Manifest);
  workflows.ahead(after);
  log.info({ team: team.metadata.name, ...changed }, 'a retry goes on with the changed spec');
  return { workflow: after };
}

function isBehind({ metadata, spec, status }: StoredTeam, workflow: StoredWorkflow): boolean {
  const { annotations = {} } = workflow.metadata;
  if (!workflow.status?.finishedAt || status?.phase === 'Completed') return false;
  const started = annotations[ANNOTATIONS.generation];
  if (started === undefined || started === String(metadata.generation)) return false;
  return annotations[ANNOTATIONS.spec] !== specHash(spec);
}
