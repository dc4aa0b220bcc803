import type { StoredWorkflow } from '../../argo/stored.ts';
import { type StoredTeam, storeResource } from '../stored.ts';
import type { TeamContext } from './context.ts';
import { refOf, STOP_FINALIZER } from './refs.ts';

/**
 * Has the deletion of a team wait until its Workflow was stopped. Not before there is one: a burst of
 * teams is started sooner for it, and what is deleted within that moment has not begun to work.
 */
export async function holdDeletion(
  team: StoredTeam,
  workflow: StoredWorkflow,
  { api, teams }: Pick<TeamContext, 'api' | 'teams'>,
): Promise<StoredTeam> {
  const { finalizers = [], resourceVersion } = team.metadata;
  if (finalizers.includes(STOP_FINALIZER) || workflow.status?.finishedAt) return team;
  const patch = { metadata: { resourceVersion, finalizers: [...finalizers, STOP_FINALIZER] } };
  const metadata = await api.patch(refOf(team), patch);
  const held = storeResource<StoredTeam>({ ...team, metadata });
  teams.ahead(held);
  return held;
}
