import {
  delivers,
  END_REASONS,
  type EndEvent,
  type EndPhase,
  type EndReason,
  endReasonOf,
  type FinishSpec,
  type TeamLive,
} from '@agentteam/contract';
import type { Delivery } from '../records/delivery.ts';
import type { Failure } from './failures.ts';

/** How a team ended. */
export interface Outcome {
  /** The event that webhooks receive. */
  readonly event: EndEvent;
  /** Phase and reason of the team's status. */
  readonly phase: EndPhase;
  readonly reason: EndReason;
  /** The rest of a sentence that begins with the team's name. */
  readonly summary: string;
}

/** @param workflowPhase Argo's phase of the Workflow: `Succeeded`, `Failed` or `Error`. */
export function outcomeOf(
  workflowPhase: string,
  failures: readonly Failure[],
  { onComplete }: Pick<FinishSpec, 'onComplete'>,
  { stop, agents }: TeamLive,
  delivery: Delivery | undefined,
): Outcome {
  // If a gate is not approved, its teammate is absent or nothing is delivered, and the Workflow succeeds.
  const isIncomplete =
    agents.some(({ phase }) => phase === 'absent') ||
    (delivers(onComplete) && delivery === undefined);
  const reason = endReasonOf({
    workflowPhase,
    failedNodes: failures,
    isBudgetSpent: stop?.reason === 'budget',
    ...(workflowPhase === 'Succeeded' && isIncomplete && { unapproved: 'Rejected' as const }),
  });
  const lead = agents.find(({ role }) => role === 'lead');
  const hadNothingToDo = reason === 'Completed' && lead?.outcome === 'nothing-to-do';
  return {
    reason,
    phase: END_REASONS[reason],
    event: EVENTS[END_REASONS[reason]],
    summary: hadNothingToDo ? 'had nothing to do' : SUMMARIES[reason],
  };
}

const EVENTS: Readonly<Record<EndPhase, EndEvent>> = {
  Completed: 'completed',
  Failed: 'failed',
  TimedOut: 'timed-out',
  BudgetExceeded: 'budget-exceeded',
};

/** The last step cannot tell a rejection from a missing answer, because it does not see the gates' outputs. */
const NOT_APPROVED = 'was not approved: a gate was rejected, or nobody answered it in time';

const SUMMARIES: Readonly<Record<EndReason, string>> = {
  Completed: 'completed',
  StepFailed: 'failed',
  ReportedFailed: 'failed',
  ReportedBlocked: 'failed',
  Rejected: NOT_APPROVED,
  Unanswered: NOT_APPROVED,
  Stopped: 'was stopped',
  TimedOut: 'ran out of time',
  BudgetExceeded: 'stopped at its budget',
};
