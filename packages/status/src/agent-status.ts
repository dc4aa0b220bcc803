import { isStopMessage } from '@agentteam/argo';
import {
  type AgentLive,
  EXIT,
  gateStep,
  type Question,
  type ReportOutcome,
  spawnEvent,
} from '@agentteam/contract';
import type { Approval } from './approvals.ts';
import {
  isGateOpen,
  lastExitCode,
  podNameOf,
  type Step,
  type Steps,
  terminationMessage,
} from './nodes.ts';
import { waitText } from './provider-waits.ts';
import { questionText } from './questions.ts';
import type { WorkflowView } from './workflow-view.ts';

export type AgentStatusPhase =
  | 'Waiting'
  | 'Pending'
  | 'Running'
  | 'Completed'
  | 'Failed'
  | 'Skipped';

/** One agent in the team's status. */
export interface AgentStatus {
  readonly phase: AgentStatusPhase;
  /** What the agent waits for, or how it ended. */
  readonly message?: string;
  readonly podName?: string;
  /** The outcome that the agent reported. */
  readonly outcome?: ReportOutcome;
  readonly tasksCompleted: number;
  readonly tasksClaimed: number;
  /** Event of the gate that must be approved before the agent starts. */
  readonly pendingApproval?: string;
  readonly restartCount: number;
  /** US dollars with two decimals. Those of all agents add up to the team's. */
  readonly estimatedCost: string;
}

/** What an agent's status is made from. */
export interface AgentSources {
  readonly workflow: WorkflowView | undefined;
  readonly steps: Steps;
  readonly approvals: readonly Approval[];
  /** The agent's figures. */
  readonly live: AgentLive | undefined;
  /** The agent's question that waits for an answer. */
  readonly question?: Question | undefined;
}

/**
 * @param name the agent's name in the team.
 * @param stepName the name of its step in the Workflow.
 * @param dependsOn the names of the steps that must succeed first.
 */
export function agentStatus(
  name: string,
  stepName: string,
  dependsOn: readonly string[],
  { workflow, steps, approvals, live, question }: AgentSources,
): Omit<AgentStatus, 'estimatedCost'> {
  const step = steps.get(stepName);
  const event = spawnEvent(name);
  const gate = steps.get(gateStep(event));
  const pending = gate !== undefined && isGateOpen(gate);
  const { phase, message } =
    step === undefined
      ? waiting(steps, dependsOn, pending ? event : undefined)
      : phaseOf(step, gate, dependsOn, {
          live,
          question,
          approval: approvals.find((approval) => approval.event === event),
        });
  const pod = step?.attempts.at(-1);
  const podName = pod && workflow && podNameOf(workflow, pod);
  return {
    phase,
    ...(message !== undefined && { message }),
    ...(podName !== undefined && { podName }),
    tasksCompleted: live?.tasks.completed ?? 0,
    tasksClaimed: live?.tasks.total ?? 0,
    ...(pending && { pendingApproval: event }),
    ...(live?.outcome !== undefined && { outcome: live.outcome }),
    restartCount: Math.max(0, (step?.attempts.length ?? 0) - 1),
  };
}

interface PhaseAndMessage {
  readonly phase: AgentStatusPhase;
  readonly message?: string;
}

function waiting(
  steps: Steps,
  dependsOn: readonly string[],
  event: string | undefined,
): PhaseAndMessage {
  const missing = dependsOn.filter((name) => steps.get(name)?.node.phase !== 'Succeeded');
  if (missing.length > 0) return { phase: 'Waiting', message: `dependsOn: ${missing.join(', ')}` };
  return event === undefined
    ? { phase: 'Pending' }
    : { phase: 'Waiting', message: `approval: ${event}` };
}

function phaseOf(
  step: Step,
  gate: Step | undefined,
  dependsOn: readonly string[],
  {
    live,
    question,
    approval,
  }: Pick<AgentSources, 'live' | 'question'> & { readonly approval: Approval | undefined },
): PhaseAndMessage {
  switch (step.node.phase) {
    case 'Running':
      // The Retry node is running from the start, before its pod is.
      return step.attempts.at(-1)?.phase === 'Pending'
        ? { phase: 'Pending', ...podMessage(step) }
        : { phase: 'Running', ...waitOf(live, question) };
    case 'Succeeded':
      return {
        phase: 'Completed',
        // Something that a person should know about how the agent ended.
        ...(live?.phase === 'completed' && live.message !== undefined && { message: live.message }),
      };
    case 'Failed':
    case 'Error':
      return { phase: 'Failed', message: failureMessage(step, live) };
    case 'Skipped':
      return { phase: 'Skipped', message: rejectionMessage(approval) };
    case 'Omitted':
      return {
        phase: 'Skipped',
        message: notStartedMessage(gate, dependsOn),
      };
    default:
      return { phase: 'Pending', ...podMessage(step) };
  }
}

function failureMessage(step: Step, live: AgentLive | undefined): string {
  if (lastExitCode(step) === EXIT.budget) return 'reached the budget';
  if (live?.message !== undefined) return live.message;
  const { message } = step.node;
  if (isStopMessage(message ?? '')) return 'the team was stopped';
  return terminationMessage(step) ?? step.attempts.at(-1)?.message ?? message ?? 'failed';
}

function notStartedMessage(gate: Step | undefined, dependsOn: readonly string[]): string {
  if (gate !== undefined && isStopMessage(gate.node.message ?? '')) {
    return 'never started: the team was stopped before the gate was approved';
  }
  return dependsOn.length === 0
    ? 'never started'
    : `never started: ${dependsOn.join(', ')} did not complete`;
}

/** Why a running agent waits for the provider or a person; empty where it does not. */
function waitOf(
  live: AgentLive | undefined,
  question: Question | undefined,
): { readonly message?: string } {
  if (live?.waiting !== undefined) return { message: waitText(live.waiting) };
  return question === undefined ? {} : { message: questionText(question) };
}

/** Argo's message about a pod that is not running yet: its image cannot be pulled, no node has room, … */
function podMessage(step: Step): { readonly message?: string } {
  const message = step.attempts.at(-1)?.message;
  return message === undefined ? {} : { message };
}

function rejectionMessage({ via, by, attempted }: Partial<Approval> = {}): string {
  if (via === 'timeout') return 'nobody answered in time';
  if (attempted !== undefined && by === undefined) return `the gate ${attempted}`;
  return by === undefined ? 'rejected' : `rejected by ${by}`;
}
