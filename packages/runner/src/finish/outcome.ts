import { type EndEvent, EXIT, type FinishSpec, STEPS, type TeamLive } from '@agentteam/contract';
import type { Delivery } from '../records/delivery.ts';
import type { Failure } from './failures.ts';

/** How a team ended: `event` as webhooks name it, `phase` and `reason` as its status does. */
export interface Outcome {
  readonly event: EndEvent;
  readonly phase: 'Completed' | 'Failed' | 'TimedOut' | 'BudgetExceeded';
  readonly reason:
    | 'Completed'
    | 'Rejected'
    | 'StepFailed'
    | 'Stopped'
    | 'TimedOut'
    | 'BudgetExceeded';
  readonly words: string;
}

/** Argo's words for a node that its Workflow's deadline ended, or that a person's stop did. */
const DEADLINE = 'Step exceeded its deadline';
const STOPPED = /^workflow shutdown with strategy: |^Stopped with strategy /;
/** Of a step that left for want of money: the team's, or its agent's own. */
const OUT_OF_MONEY = new RegExp(`^[a-z-]+: Error \\(exit code ${EXIT.budget}\\)`);

/**
 * Causes before effects, as the team's status has it: a budget stop also fails steps, and a
 * deadline ends whatever was left.
 * @param status the Workflow's: `Succeeded`, `Failed` or `Error`.
 */
export function outcomeOf(
  status: string,
  failures: readonly Failure[],
  { onComplete }: Pick<FinishSpec, 'onComplete'>,
  { stop, agents }: TeamLive,
  delivery: Delivery | undefined,
): Outcome {
  if (status === 'Succeeded') {
    // A gate that was rejected leaves steps out, and Argo calls that a success.
    const delivers = onComplete === 'create-pr' || onComplete === 'push-branch';
    const incomplete = agents.some(({ phase }) => phase === 'absent');
    if (incomplete || (delivers && delivery === undefined)) return REJECTED;
    const lead = agents.find(({ role }) => role === 'lead');
    return lead?.outcome === 'nothing-to-do' ? NOTHING_TO_DO : COMPLETED;
  }
  const outOfMoney = failures.some(({ message }) => OUT_OF_MONEY.test(message));
  if (outOfMoney || stop?.reason === 'budget') return BUDGET_EXCEEDED;
  if (failures.some(({ message }) => STOPPED.test(message))) {
    // Where the lead had failed by then, whoever watches the team has ended what nobody would.
    return leadHadFailed(failures) ? STEP_FAILED : WAS_STOPPED;
  }
  if (failures.some(({ message }) => message === DEADLINE)) return TIMED_OUT;
  return STEP_FAILED;
}

/** The lead's step, and its attempts. */
const LEAD_STEP = new RegExp(`^${STEPS.lead}(\\(\\d+\\))?$`);

function leadHadFailed(failures: readonly Failure[]): boolean {
  const lead = failures.filter(({ displayName = '' }) => LEAD_STEP.test(displayName));
  return (
    lead.some(({ displayName }) => displayName === STEPS.lead) &&
    lead.every(({ message }) => !STOPPED.test(message))
  );
}

const COMPLETED = ended('completed', 'Completed', 'Completed', 'completed');
const NOTHING_TO_DO = ended('completed', 'Completed', 'Completed', 'had nothing to do');
const REJECTED = ended(
  'failed',
  'Failed',
  'Rejected',
  'was not approved: a gate was rejected, or nobody answered it in time',
);
const STEP_FAILED = ended('failed', 'Failed', 'StepFailed', 'failed');
const WAS_STOPPED = ended('failed', 'Failed', 'Stopped', 'was stopped');
const TIMED_OUT = ended('timed-out', 'TimedOut', 'TimedOut', 'ran out of time');
const BUDGET_EXCEEDED = ended(
  'budget-exceeded',
  'BudgetExceeded',
  'BudgetExceeded',
  'stopped at its budget',
);

function ended(
  event: Outcome['event'],
  phase: Outcome['phase'],
  reason: Outcome['reason'],
  words: string,
): Outcome {
  return { event, phase, reason, words };
}
