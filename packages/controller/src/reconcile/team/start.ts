import { formatProblems, type Problem } from '@agentteam/compiler';
import { storeWorkflow } from '../../argo/stored.ts';
import { httpStatus, reasonOf } from '../../kube/kube-error.ts';
import { type KubeObject, type Manifest, ownedBy } from '../../kube/objects.ts';
import type { StoredTeam } from '../stored.ts';
import { ensureClaims } from './claims.ts';
import { compiledOf, specAnnotations } from './compiled.ts';
import type { TeamContext } from './context.ts';
import { isOwnedBy, workflowRef } from './refs.ts';
import type { Run } from './standing.ts';

/** A request that would be refused again as it is: by a quota, an admission policy, a missing CRD. */
const REFUSALS = new Set([400, 403, 404, 422]);

/** A Workflow that is not ours is not watched: how often it is looked whether it is still there. */
const TAKEN_MS = 20_000;

/**
 * Compiles a team and creates its Workflow, with what it needs around it first. Every write may be
 * the last one before a crash: done again, each finds its own work and goes on.
 */
export async function startRun(team: StoredTeam, context: TeamContext): Promise<Run> {
  const { namespace = '' } = team.metadata;
  const { compiled, problems } = compiledOf(team, context);
  if (compiled === undefined) return invalid(team, problems);
  try {
    await context.companions.ensure(namespace, context.now().getTime());
    await ensureKey(namespace, context);
    const waiting = await ensureClaims(compiled.claims, team, context);
    if (waiting !== undefined) return waiting;
    return await create(compiled.workflow as unknown as Manifest, team, context);
  } catch (error) {
    if (!REFUSALS.has(httpStatus(error) ?? 0)) throw error;
    return { kind: 'refused', reason: 'Refused', message: refusal(error), again: { error } };
  }
}

/** Before the Workflow, whose pods mount it. Where it cannot be had, the team works without figures. */
async function ensureKey(namespace: string, { keys, log }: TeamContext): Promise<void> {
  try {
    await keys.keyOf(namespace);
  } catch (error) {
    if (httpStatus(error) !== 403) throw error;
    log.warn({ namespace, reason: reasonOf(error) }, 'figures cannot be proven');
  }
}

function invalid(team: StoredTeam, problems: readonly Problem[]): Run {
  const file = `agentteam/${team.metadata.name}`;
  return { kind: 'refused', reason: 'Invalid', message: formatProblems(problems, { file }) };
}

function refusal(error: unknown): string {
  const said = reasonOf(error);
  if (httpStatus(error) !== 404) return said;
  return `${said} (are the CRDs of Argo Workflows installed?)`;
}

async function create(workflow: Manifest, team: StoredTeam, context: TeamContext): Promise<Run> {
  const { metadata } = workflow;
  const annotations = { ...metadata.annotations, ...specAnnotations(team) };
  const owned = {
    ...workflow,
    metadata: { ...metadata, annotations, ownerReferences: [ownedBy(team)] },
  };
  try {
    const created = { ...owned, metadata: await context.api.create(owned) };
    context.workflows.ahead(storeWorkflow(created));
    return { kind: 'started' };
  } catch (error) {
    if (httpStatus(error) !== 409) throw error;
    return taken(team, context, error);
  }
}

/** A Workflow of that name exists: made by us a moment ago, by a namesake, or by somebody else. */
async function taken(team: StoredTeam, context: TeamContext, conflict: unknown): Promise<Run> {
  const ref = workflowRef(team);
  const existing = await context.api.read<KubeObject>(ref);
  if (existing === undefined) throw conflict;
  if (isOwnedBy(existing, team)) return { kind: 'present', workflow: storeWorkflow(existing) };
  const message = `A Workflow ${ref.name} exists that is not this team's. The team starts once it is gone: delete it, or rename the team.`;
  // That of a deleted team of the same name is on its way out.
  const leaving = (existing.metadata.ownerReferences ?? []).some(
    ({ kind, name }) => kind === team.kind && name === team.metadata.name,
  );
  const again = leaving ? { error: conflict } : { afterMs: TAKEN_MS };
  return { kind: 'refused', reason: 'NameTaken', message, again };
}
