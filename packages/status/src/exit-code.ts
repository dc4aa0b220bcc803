import type { AgentTeamStatus } from '@agentteam/api';
import type { Reason, TeamPhase } from './team-phase.ts';

const EXIT_CODES: Readonly<Record<TeamPhase, number | undefined>> = {
  Pending: undefined,
  Initializing: undefined,
  Running: undefined,
  Completed: 0,
  Failed: 1,
  TimedOut: 4,
  BudgetExceeded: 5,
};

/**
 * The exit code of a program that waited for the team: 0, 1, 3 (a gate was not approved), 4 or 5. Code 2 is
 * reserved for wrong usage.
 * @returns undefined while the team has not ended.
 */
export function teamExitCode(status: AgentTeamStatus): number | undefined {
  return isNotApproved(reasonOf(status)) ? 3 : EXIT_CODES[status.phase ?? 'Pending'];
}

/** Whether the team ended because someone rejected a gate or nobody answered it in time. */
export function isNotApproved(reason: Reason | undefined): reason is 'Rejected' | 'Unanswered' {
  return reason === 'Rejected' || reason === 'Unanswered';
}

/** Why the team is in its phase: the reason of the condition `Complete`. */
export function reasonOf(status: AgentTeamStatus): Reason | undefined {
  const condition = status.conditions?.find(({ type }) => type === 'Complete');
  return condition?.reason as Reason | undefined;
}
