import { isDeadlineMessage, isStopMessage, readContainerExit, stepNameOf } from '@agentteam/argo';
import { EXIT } from './exit-codes.ts';
import { STEPS } from './workflow.ts';

/** Phases of a team that has ended. */
export const END_PHASES = ['Completed', 'Failed', 'TimedOut', 'BudgetExceeded'] as const;
export type EndPhase = (typeof END_PHASES)[number];

/** Why a team ended as it did, and the phase that this gives the team. */
export const END_REASONS = {
  Completed: 'Completed',
  StepFailed: 'Failed',
  /** Someone rejected a gate. */
  Rejected: 'Failed',
  /** Nobody answered a gate within `approvalTimeout`. */
  Unanswered: 'Failed',
  /** Someone stopped or terminated the Workflow. */
  Stopped: 'Failed',
  TimedOut: 'TimedOut',
  BudgetExceeded: 'BudgetExceeded',
} as const;
export type EndReason = keyof typeof END_REASONS;

/** A node of the Workflow with the phase `Failed` or `Error`. */
export interface FailedNode {
  /** `Lead` for the step, `Lead(0)` for its first attempt. */
  readonly displayName?: string;
  readonly message?: string;
  /** Argo's `outputs.exitCode`, where the message does not give one. */
  readonly exitCode?: number;
}

/** What is known of a Workflow that has ended. */
export interface EndEvidence {
  /** Argo's phase: `Succeeded`, `Failed` or `Error`. */
  readonly workflowPhase: string;
  /** Argo's message of the Workflow, where the caller can read it. */
  readonly workflowMessage?: string;
  readonly failedNodes: readonly FailedNode[];
  /** Whether a gateway has written the team's stop marker because the budget was spent. */
  readonly isBudgetSpent: boolean;
  /** Why steps behind a gate did not run; absent where every gate was approved. */
  readonly unapproved?: 'Rejected' | 'Unanswered';
}

/**
 * Decides why a team ended. Causes come before their effects: a spent budget and a stop also fail steps,
 * and the end of any Workflow closes its open gates. Argo counts a Workflow whose gate was rejected as
 * succeeded, because a step that a condition leaves out does not fail.
 */
export function endReasonOf(evidence: EndEvidence): EndReason {
  const { workflowPhase, workflowMessage = '', failedNodes, unapproved } = evidence;
  if (workflowPhase === 'Succeeded') return unapproved ?? 'Completed';
  if (evidence.isBudgetSpent || failedNodes.some((node) => exitCodeOf(node) === EXIT.budget)) {
    return 'BudgetExceeded';
  }
  const messages = [workflowMessage, ...failedNodes.map(({ message = '' }) => message)];
  if (messages.some(isStopMessage)) {
    // Once the lead has failed, the controller or the CLI stops a team that only waits for approvals.
    return hasLeadFailed(failedNodes) ? 'StepFailed' : 'Stopped';
  }
  if (messages.some(isDeadlineMessage)) return 'TimedOut';
  return failedNodes.length === 0 ? (unapproved ?? 'StepFailed') : 'StepFailed';
}

/** Whether the lead's step failed, and not because the Workflow was stopped. */
export function hasLeadFailed(failedNodes: readonly FailedNode[]): boolean {
  const lead = failedNodes.filter(({ displayName = '' }) => stepNameOf(displayName) === STEPS.lead);
  return (
    lead.some(({ displayName }) => displayName === STEPS.lead) &&
    lead.every(({ message = '' }) => !isStopMessage(message))
  );
}

/** The exit code that ended a node's container: `main`, or the init container that failed before it. */
export function exitCodeOf({ message = '', exitCode }: FailedNode): number | undefined {
  return readContainerExit(message)?.exitCode ?? exitCode;
}
