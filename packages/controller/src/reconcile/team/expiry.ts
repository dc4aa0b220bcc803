import type { AgentTeamStatus } from '@agentteam/api';
import { httpStatus } from '../../kube/kube-error.ts';
import type { StoredTeam } from '../stored.ts';
import type { TeamContext } from './context.ts';
import { lookAgainAt } from './look-again.ts';
import { refOf } from './refs.ts';

/**
 * Deletes a team whose `lifecycle.ttlSecondsAfterFinished` has passed since its end; its Workflow and its
 * shared claim go with it.
 * @param status the team's status as it was reported last.
 * @returns in how many ms to look again; undefined for a team that does not expire or that is deleted.
 */
export async function deleteExpired(
  team: StoredTeam,
  status: AgentTeamStatus,
  { api, log, now }: Pick<TeamContext, 'api' | 'log' | 'now'>,
): Promise<number | undefined> {
  const { ttlSecondsAfterFinished: ttl } = team.spec.lifecycle;
  if (ttl === undefined || !status.completedAt) return undefined;
  const pause = lookAgainAt(Date.parse(status.completedAt) + ttl * 1000, now().getTime());
  if (pause > 0) return pause;
  const { name, namespace } = team.metadata;
  try {
    // A team that was changed, or retried, a moment ago is another one.
    await api.delete(refOf(team), team.metadata);
  } catch (error) {
    if (httpStatus(error) !== 404) throw error;
  }
  log.info({ name, namespace, ttl }, 'team deleted after its time to live');
  return undefined;
}
