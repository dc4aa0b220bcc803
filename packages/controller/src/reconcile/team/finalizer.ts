import { type CachedTeam, trimResource } from '../cached-resource.ts';
import type { TeamContext } from './context.ts';
import { refOf, STOP_FINALIZER } from './refs.ts';
import type { WorkflowState } from './workflow-state.ts';

/**
 * Sets the finalizer on a team whose Workflow runs, so that deleting the team stops the Workflow first,
 * and removes it from every other team, so that an ended team can be deleted without a controller. The
 * finalizer is set after the Workflow was created, so that a burst of teams starts sooner. A team that is
 * deleted in between has not started to work.
 */
export async function updateFinalizer(
  team: CachedTeam,
  state: WorkflowState,
  { api, teams }: Pick<TeamContext, 'api' | 'teams'>,
): Promise<CachedTeam> {
  const { finalizers = [], resourceVersion } = team.metadata;
  const isHeld = finalizers.includes(STOP_FINALIZER);
  if (isHeld === isRunning(state)) return team;
  const rest = finalizers.filter((finalizer) => finalizer !== STOP_FINALIZER);
  const wanted = isHeld ? rest : [...rest, STOP_FINALIZER];
  const patch = { metadata: { resourceVersion, finalizers: wanted } };
  const metadata = await api.patch(refOf(team), patch);
  const held = trimResource<CachedTeam>({ ...team, metadata });
  teams.assume(held);
  return held;
}

function isRunning(state: WorkflowState): boolean {
  return state.kind === 'found' && !state.workflow.status?.finishedAt;
}
