import { isDeadlineMessage, isStopMessage, readContainerExit, stepNameOf } from '@agentteam/argo';
import { STEPS } from '../workflow.ts';
import { EXIT } from './exit-codes.ts';

/** The phases of a team that has ended. */
export type EndPhase = 'Completed' | 'Failed' | 'TimedOut' | 'BudgetExceeded';

/** The reasons why a team ended, each with the phase that it gives the team. */
export const END_REASONS = {
  Completed: 'Completed',
  StepFailed: 'Failed',
  /** The lead, or another agent, reported `failed`. */
  ReportedFailed: 'Failed',
  /** The lead, or another agent, reported `blocked`: it needs a decision or a change by a person. */
  ReportedBlocked: 'Failed',
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
  if (failedNodes.some((node) => exitCodeOf(node) === EXIT.budget)) return 'BudgetExceeded';
  const messages = [workflowMessage, ...failedNodes.map(({ message = '' }) => message)];
  if (messages.some(isStopMessage)) {
    // Once the lead has failed, the controller or the CLI stops a team that only waits for approvals.
    return hasLeadFailed(failedNodes) ? failureReasonOf(failedNodes) : 'Stopped';
  }
  if (messages.some(isDeadlineMessage)) return 'TimedOut';
  // A stop and a deadline cut off replies, each of which is charged the most that it can have cost. So a budget that
  // is spent without ending a step may be their effect.
  if (evidence.isBudgetSpent) return 'BudgetExceeded';
  return failedNodes.length === 0 ? (unapproved ?? 'StepFailed') : failureReasonOf(failedNodes);
}

type FailureReason = 'StepFailed' | 'ReportedFailed' | 'ReportedBlocked';

/**
 * The lead's failure decides. Without one, a report is the reason only if every step that failed had one.
 * Nodes without an exit code, such as the DAG's own, only repeat the failures of others.
 */
function failureReasonOf(failedNodes: readonly FailedNode[]): FailureReason {
  const reasons = new Map<string, FailureReason>();
  for (const node of failedNodes) {
    const code = exitCodeOf(node);
    const step = stepNameOf(node.displayName ?? '');
    // An agent that has reported is not restarted, so its report outweighs its earlier attempts.
    const reported = REPORTED.get(code ?? 0);
    if (reported !== undefined) reasons.set(step, reported);
    else if (code !== undefined && !reasons.has(step)) reasons.set(step, 'StepFailed');
  }
  const lead = reasons.get(STEPS.lead);
  if (lead !== undefined) return lead;
  const all = [...reasons.values()];
  if (all.length === 0 || all.includes('StepFailed')) return 'StepFailed';
  return all.includes('ReportedFailed') ? 'ReportedFailed' : 'ReportedBlocked';
}

const REPORTED: ReadonlyMap<number, FailureReason> = new Map([
  [EXIT.reportedFailed, 'ReportedFailed'],
  [EXIT.reportedBlocked, 'ReportedBlocked'],
]);

/** Whether the lead's step failed, and not because the Workflow was stopped. */
export function hasLeadFailed(failedNodes: readonly FailedNode[]): boolean {
  const lead = failedNodes.filter(({ displayName = '' }) => stepNameOf(displayName) === STEPS.lead);
  return (
    lead.some(({ displayName }) => displayName === STEPS.lead) &&
    lead.every(({ message = '' }) => !isStopMessage(message))
  );
}

/** Why each step failed, in the words of its container, by the name of the step. The last attempt counts. */
export function stepReasons(failedNodes: readonly FailedNode[]): ReadonlyMap<string, string> {
  return new Map(
    failedNodes.flatMap(({ displayName = '', message = '' }) => {
      const reason = readContainerExit(message)?.message;
      return reason === undefined ? [] : [[stepNameOf(displayName), reason] as const];
    }),
  );
}

/** The exit code that ended a node's container: `main`, or the init container that failed before it. */
export function exitCodeOf({ message = '', exitCode }: FailedNode): number | undefined {
  return readContainerExit(message)?.exitCode ?? exitCode;
}
