import { formatProblems, type Problem } from '@agentteam/compiler';
import { ANNOTATIONS } from '@agentteam/contract';
import { trimWorkflow } from '../../argo/cached-workflow.ts';
import { httpStatus, reasonOf } from '../../kube/kube-error.ts';
import { type KubeObject, type Manifest, ownedBy } from '../../kube/objects.ts';
import { isPauseWanted, UNNAMED } from '../../people/pause.ts';
import type { CachedTeam } from '../cached-resource.ts';
import { ensureClaims } from './claims.ts';
import { compiledOf, specAnnotations } from './compiled.ts';
import type { TeamContext } from './context.ts';
import { isOwnedBy, workflowRef } from './refs.ts';
import type { WorkflowState } from './workflow-state.ts';

/** How often to check for a Workflow that occupies the name. It is not ours, so it is not watched. */
const CHECK_NAME_MS = 20_000;

/**
 * Compiles a team and creates its Workflow, after the objects that the Workflow needs. Every step is
 * idempotent, because the controller may crash after any of them.
 */
export async function startWorkflow(
  team: CachedTeam,
  context: TeamContext,
): Promise<WorkflowState> {
  const { namespace = '' } = team.metadata;
  const { compiled, problems } = compiledOf(team, context);
  if (compiled === undefined) return invalid(team, problems);
  try {
    await context.companions.ensure(namespace, context.now().getTime());
    await ensureKey(namespace, context);
    const refused = await ensureClaims(compiled.claims, team, context);
    if (refused !== undefined) return refused;
    return await create(compiled.workflow as unknown as Manifest, team, context);
  } catch (error) {
    return { kind: 'refused', reason: 'Refused', message: refusal(error), requeue: { error } };
  }
}

/**
 * Creates the key that proves figures, before the pods that mount it. If the controller may not create
 * it, the team runs without figures.
 */
async function ensureKey(namespace: string, { keys, log }: TeamContext): Promise<void> {
  try {
    await keys.keyOf(namespace);
  } catch (error) {
    if (httpStatus(error) !== 403) throw error;
    log.warn(
      { namespace, reason: reasonOf(error) },
      'cannot read or create the figures key; figures will not be shown',
    );
  }
}

function invalid(team: CachedTeam, problems: readonly Problem[]): WorkflowState {
  const file = `agentteam/${team.metadata.name}`;
  return { kind: 'refused', reason: 'Invalid', message: formatProblems(problems, { file }) };
}

/** Statuses of a request that a quota, an admission policy or a missing CRD refuses. */
const REFUSALS = new Set([400, 403, 404, 422]);

/**
 * Why the API server has refused a request.
 * @throws `error` if it is not a refusal.
 */
export function refusal(error: unknown): string {
  if (!REFUSALS.has(httpStatus(error) ?? 0)) throw error;
  const message = reasonOf(error);
  if (httpStatus(error) !== 404) return message;
  return `${message} (are the CRDs of Argo Workflows installed?)`;
}

async function create(
  workflow: Manifest,
  team: CachedTeam,
  context: TeamContext,
): Promise<WorkflowState> {
  const { metadata } = workflow;
  const pause = isPauseWanted(team.metadata.annotations ?? {});
  const annotations = {
    ...metadata.annotations,
    ...specAnnotations(team),
    ...(pause && { [ANNOTATIONS.pausedBy]: UNNAMED }),
  };
  const owned = {
    ...workflow,
    // No step of a team begins that was paused before it started.
    ...(pause && { spec: { ...(workflow['spec'] as object), suspend: true } }),
    metadata: { ...metadata, annotations, ownerReferences: [ownedBy(team)] },
  };
  try {
    const created = { ...owned, metadata: await context.api.create(owned) };
    context.workflows.assume(trimWorkflow(created));
    return { kind: 'created' };
  } catch (error) {
    if (httpStatus(error) !== 409) throw error;
    return nameTaken(team, context, error);
  }
}

/**
 * A Workflow with the team's name exists. This controller created it a moment ago, or it belongs to an
 * earlier team of the same name or to another user.
 */
async function nameTaken(
  team: CachedTeam,
  context: TeamContext,
  conflict: unknown,
): Promise<WorkflowState> {
  const ref = workflowRef(team);
  const existing = await context.api.read<KubeObject>(ref);
  if (existing === undefined) throw conflict;
  if (isOwnedBy(existing, team)) return { kind: 'found', workflow: trimWorkflow(existing) };
  const message = `A Workflow ${ref.name} already exists and does not belong to this team. Delete the Workflow or rename the team; the team starts when the name is free.`;
  // The garbage collector deletes the Workflow of a deleted team with the same name.
  const isOrphaned = (existing.metadata.ownerReferences ?? []).some(
    ({ kind, name }) => kind === team.kind && name === team.metadata.name,
  );
  const requeue = isOrphaned ? { error: conflict } : { afterMs: CHECK_NAME_MS };
  return { kind: 'refused', reason: 'NameTaken', message, requeue };
}
