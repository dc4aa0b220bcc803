import {
  type AgentLive,
  EXIT,
  gateStep,
  type ReportOutcome,
  SPAWN_PREFIX,
} from '@agentteam/contract';
import type { Approval } from './approvals.ts';
import { cents } from './money.ts';
import { exitCodeOf, isGateOpen, podNameOf, STOPPED, type Step, type Steps } from './nodes.ts';
import { waitText } from './provider-waits.ts';
import type { SeenWorkflow } from './seen-workflow.ts';

export const MEMBER_PHASES = [
  'Waiting',
  'Pending',
  'Running',
  'Completed',
  'Failed',
  'Skipped',
] as const;
export type MemberPhase = (typeof MEMBER_PHASES)[number];

/** What the team's status says of one agent. */
export interface MemberStatus {
  readonly phase: MemberPhase;
  /** What it waits for, or how it ended, in words. */
  readonly message?: string;
  readonly podName?: string;
  /** How the agent itself said that it ended. */
  readonly outcome?: ReportOutcome;
  readonly tasksCompleted: number;
  readonly tasksClaimed: number;
  /** The event that an approval is asked for. */
  readonly pendingApproval?: string;
  readonly restartCount: number;
  /** Dollars, two decimals. */
  readonly estimatedCost: string;
}

/** Where an agent stands: its step, and what its own state on the volume adds. */
export interface MemberSources {
  readonly workflow: SeenWorkflow | undefined;
  readonly steps: Steps;
  readonly approvals: readonly Approval[];
  readonly live: AgentLive | undefined;
}

/**
 * @param name name in the team.
 * @param stepName name of its step in the Workflow.
 * @param dependsOn names of steps that must succeed first.
 */
export function memberStatus(
  name: string,
  stepName: string,
  dependsOn: readonly string[],
  { workflow, steps, approvals, live }: MemberSources,
): MemberStatus {
  const step = steps.get(stepName);
  const event = `${SPAWN_PREFIX}${name}`;
  const gate = steps.get(gateStep(event));
  const pending = gate !== undefined && isGateOpen(gate);
  const { phase, message } =
    step === undefined
      ? waiting(steps, dependsOn, pending ? event : undefined)
      : phaseOf(step, gate, dependsOn, {
          live,
          approval: approvals.find((approval) => approval.event === event),
        });
  const pod = step?.attempts.at(-1);
  const podName = pod && workflow && podNameOf(workflow, pod);
  return {
    phase,
    ...(message === undefined ? {} : { message }),
    ...(podName === undefined ? {} : { podName }),
    tasksCompleted: live?.tasks.completed ?? 0,
    tasksClaimed: live?.tasks.total ?? 0,
    ...(pending ? { pendingApproval: event } : {}),
    ...(live?.outcome === undefined ? {} : { outcome: live.outcome }),
    restartCount: Math.max(0, (step?.attempts.length ?? 0) - 1),
    estimatedCost: cents(live?.usd ?? '0'),
  };
}

interface Standing {
  readonly phase: MemberPhase;
  readonly message?: string;
}

function waiting(steps: Steps, dependsOn: readonly string[], event: string | undefined): Standing {
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
  { live, approval }: Pick<MemberSources, 'live'> & { readonly approval: Approval | undefined },
): Standing {
  switch (step.node.phase) {
    case 'Running':
      // What is retried runs from the start; its pod does not.
      return step.attempts.at(-1)?.phase === 'Pending'
        ? { phase: 'Pending', ...messageOf(step) }
        : { phase: 'Running', ...waitOf(live) };
    case 'Succeeded':
      return {
        phase: 'Completed',
        // What should be known about how it ended.
        ...(live?.phase === 'completed' && live.message !== undefined && { message: live.message }),
      };
    case 'Failed':
    case 'Error':
      return { phase: 'Failed', message: whyFailed(step, live) };
    case 'Skipped':
      return { phase: 'Skipped', message: rejectedBy(approval) };
    case 'Omitted':
      return {
        phase: 'Skipped',
        message: neverStarted(gate, dependsOn),
      };
    default:
      return { phase: 'Pending', ...messageOf(step) };
  }
}

function whyFailed(step: Step, live: AgentLive | undefined): string {
  if (exitCodeOf(step) === EXIT.budget) return 'stopped: the budget is spent';
  if (live?.message !== undefined) return live.message;
  const { message } = step.node;
  if (STOPPED.test(message ?? '')) return 'the team was stopped';
  return step.attempts.at(-1)?.message ?? message ?? 'failed';
}

function neverStarted(gate: Step | undefined, dependsOn: readonly string[]): string {
  if (gate !== undefined && STOPPED.test(gate.node.message ?? '')) {
    return 'never started: the team was stopped before it was approved';
  }
  return dependsOn.length === 0
    ? 'never started'
    : `never started: ${dependsOn.join(', ')} did not complete`;
}

/** What a running agent waits for. */
function waitOf(live: AgentLive | undefined): { readonly message?: string } {
  return live?.waiting === undefined ? {} : { message: waitText(live.waiting) };
}

/** Why a pod is not up yet (an image that cannot be pulled, no node with room), in Argo's words. */
function messageOf(step: Step): { readonly message?: string } {
  const message = step.attempts.at(-1)?.message;
  return message === undefined ? {} : { message };
}

function rejectedBy({ via, by, attempted }: Partial<Approval> = {}): string {
  if (via === 'timeout') return 'nobody answered in time';
  if (attempted !== undefined && by === undefined) return `the gate ${attempted}`;
  return by === undefined ? 'rejected' : `rejected by ${by}`;
}
