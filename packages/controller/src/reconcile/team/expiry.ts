import type { AgentTeamStatus } from '@agentteam/api';
import { httpStatus } from '../../kube/kube-error.ts';
import type { CachedTeam } from '../cached-resource.ts';
import type { TeamContext } from './context.ts';
import { refOf } from './refs.ts';
import { requeueAfter } from './requeue.ts';

/**
 * Deletes a team, and with it its Workflow and its shared claim, when `lifecycle.ttlSecondsAfterFinished`
 * has passed since its end.
 * @param status the team's latest status.
 * @returns after how many ms to reconcile again; undefined if the team never expires or was deleted.
 */
export async function deleteExpired(
  team: CachedTeam,
  status: AgentTeamStatus,
  { api, log, now }: Pick<TeamContext, 'api' | 'log' | 'now'>,
): Promise<number | undefined> {
  const { ttlSecondsAfterFinished: ttl } = team.spec.lifecycle;
  if (ttl === undefined || !status.completedAt) return undefined;
  const delay = requeueAfter(Date.parse(status.completedAt) + ttl * 1000, now().getTime());
  if (delay > 0) return delay;
  const { name, namespace } = team.metadata;
  try {
    // The server refuses this if the team has been changed or retried a moment ago.
    await api.delete(refOf(team), team.metadata);
  } catch (error) {
    if (httpStatus(error) !== 404) throw error;
  }
  log.info({ name, namespace, ttl }, 'deleted an expired team');
  return undefined;
}
