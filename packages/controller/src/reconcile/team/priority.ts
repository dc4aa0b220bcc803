import type { Priority } from '../../queue.ts';
import { answersFor } from './approvals.ts';
import type { TeamContext } from './context.ts';
import { cachedWorkflow } from './find-workflow.ts';

/**
 * The priority of a team's reconcile: first a person's answer to a gate, then teams that start or are
 * being deleted, then status updates.
 */
export function priorityOf(
  key: string,
  context: Pick<TeamContext, 'teams' | 'workflows' | 'gateKey' | 'now'>,
): Priority {
  const team = context.teams.get(key);
  if (team === undefined) return 'low';
  if (team.metadata.deletionTimestamp !== undefined) return 'normal';
  const workflow = cachedWorkflow(team, context);
  if (workflow?.partial || (workflow && team.partial)) return 'low';
  if (workflow !== undefined) {
    return answersFor(team, workflow, context).length > 0 ? 'high' : 'low';
  }
  return team.status?.workflow === undefined ? 'normal' : 'low';
}
