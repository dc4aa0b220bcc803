import type { Urgency } from '../../queue.ts';
import { answersFor } from './approvals.ts';
import type { TeamContext } from './context.ts';
import { knownWorkflow } from './run.ts';

/**
 * Whose turn comes first: a person's answer at a gate before teams that begin or end, and those before
 * what is only to be reported.
 */
export function urgencyOf(
  key: string,
  context: Pick<TeamContext, 'teams' | 'workflows' | 'gateKey' | 'now'>,
): Urgency {
  const team = context.teams.get(key);
  if (team === undefined) return 'later';
  if (team.metadata.deletionTimestamp !== undefined) return 'soon';
  const workflow = knownWorkflow(team, context);
  if (workflow?.lean || (workflow && team.lean)) return 'later';
  if (workflow !== undefined) {
    return answersFor(team, workflow, context).length > 0 ? 'now' : 'later';
  }
  return team.status?.workflow === undefined ? 'soon' : 'later';
}
