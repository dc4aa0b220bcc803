import { type StoredTeam, storeResource } from '../stored.ts';
import type { TeamContext } from './context.ts';
import { refOf, STOP_FINALIZER } from './refs.ts';
import type { Run } from './standing.ts';

/**
 * Keeps the finalizer on a team while its Workflow runs, so that deleting the team stops the Workflow first,
 * and on no other team: a team that has ended can be deleted where no controller runs any more. The
 * finalizer comes after the Workflow, so that a burst of teams starts sooner; a team that is deleted within
 * that moment has not begun to work.
 */
export async function holdDeletion(
  team: StoredTeam,
  run: Run,
  { api, teams }: Pick<TeamContext, 'api' | 'teams'>,
): Promise<StoredTeam> {
  const { finalizers = [], resourceVersion } = team.metadata;
  const isHeld = finalizers.includes(STOP_FINALIZER);
  if (isHeld === isRunning(run)) return team;
  const rest = finalizers.filter((finalizer) => finalizer !== STOP_FINALIZER);
  const wanted = isHeld ? rest : [...rest, STOP_FINALIZER];
  const patch = { metadata: { resourceVersion, finalizers: wanted } };
  const metadata = await api.patch(refOf(team), patch);
  const held = storeResource<StoredTeam>({ ...team, metadata });
  teams.ahead(held);
  return held;
}

function isRunning(run: Run): boolean {
  return run.kind === 'present' && !run.workflow.status?.finishedAt;
}
