import { type CachedWorkflow, trimWorkflow } from '../../argo/cached-workflow.ts';
import type { KubeObject } from '../../kube/objects.ts';
import type { CachedTeam } from '../cached-resource.ts';
import { isEnded } from '../phases.ts';
import type { TeamContext } from './context.ts';
import { isOwnedBy, workflowRef } from './refs.ts';
import { startWorkflow } from './start-workflow.ts';
import type { WorkflowState } from './workflow-state.ts';

/** The team's Workflow in the cache, if the team owns it. */
export function cachedWorkflow(
  team: CachedTeam,
  context: Pick<TeamContext, 'workflows'>,
): CachedWorkflow | undefined {
  const { namespace, name } = workflowRef(team);
  const cached = context.workflows.get(`${namespace}/${name}`);
  return cached !== undefined && isOwnedBy(cached, team) ? cached : undefined;
}

/** The same, read from the API server if the cache holds only a part of it. */
export async function readWorkflow(
  team: CachedTeam,
  context: Pick<TeamContext, 'workflows' | 'api'>,
): Promise<CachedWorkflow | undefined> {
  const cached = cachedWorkflow(team, context);
  if (cached?.partial === undefined) return cached;
  const read = await context.api.read<KubeObject>(workflowRef(team));
  return read !== undefined && isOwnedBy(read, team) ? trimWorkflow(read) : undefined;
}

/** Finds the team's Workflow, and creates it if the team has never had one. */
export async function ensureWorkflow(
  team: CachedTeam,
  context: TeamContext,
): Promise<WorkflowState> {
  const known = await readWorkflow(team, context);
  if (known !== undefined) return { kind: 'found', workflow: known };
  const { status } = team;
  if (status?.workflow === undefined) return startWorkflow(team, context);
  if (isEnded(status.phase)) return { kind: 'ended' };
  // The cache of Workflows may be behind the cache of teams, so ask the server.
  const read = await context.api.read<KubeObject>(workflowRef(team));
  return read !== undefined && isOwnedBy(read, team)
    ? { kind: 'found', workflow: trimWorkflow(read) }
    : { kind: 'deleted' };
}
