import type { AgentTeamStatus } from '@agentteam/api';
import type { Reason, TeamPhase } from './verdict.ts';

export interface Outcome {
  readonly phase: TeamPhase;
  /** How a program that waited for the team should end; absent while the team goes on. */
  readonly exitCode?: number;
}

/** Exit codes 0, 1, 3, 4, 5 for a team that has ended; 2 is kept for wrong usage. */
export function outcome(status: AgentTeamStatus): Outcome {
  const phase = status.phase ?? 'Pending';
  const exitCode = isNotApproved(reasonOf(status)) ? 3 : EXIT_CODES[phase];
  return { phase, ...(exitCode === undefined ? {} : { exitCode }) };
}

const EXIT_CODES: Readonly<Partial<Record<TeamPhase, number>>> = {
  Completed: 0,
  Failed: 1,
  TimedOut: 4,
  BudgetExceeded: 5,
};

/** Whether a gate was what ended the team: somebody said no there, or nobody anything in time. */
export function isNotApproved(reason: Reason | undefined): reason is 'Rejected' | 'Unanswered' {
  return reason === 'Rejected' || reason === 'Unanswered';
}

/** Why a team is in its phase, from the condition `Complete`. */
export function reasonOf(status: AgentTeamStatus): Reason | undefined {
  const condition = status.conditions?.find(({ type }) => type === 'Complete');
  return condition?.reason as Reason | undefined;
}
