import { type AgentLive, CONTAINERS, EXIT, GATE_PREFIX, STEPS } from '@agentteam/contract';
import type { Approval } from './approvals.ts';
import {
  exitCodeOf,
  isFailed,
  isGateOpen,
  leadFailure,
  ownWordsOf,
  type Step,
  type Steps,
} from './nodes.ts';
import { type ProviderWaits, waitSentences } from './provider-waits.ts';
import type { SeenWorkflow } from './seen-workflow.ts';

export const TEAM_PHASES = [
  'Pending',
  'Initializing',
  'Running',
  'Completed',
  'Failed',
  'TimedOut',
  'BudgetExceeded',
] as const;
export type TeamPhase = (typeof TEAM_PHASES)[number];

export type Reason =
  | 'Pending'
  | 'Initializing'
  | 'Running'
  | 'Completed'
  | 'StepFailed'
  | 'Rejected'
  /** Nobody answered a gate within `approvalTimeout`. */
  | 'Unanswered'
  | 'Stopped'
  | 'TimedOut'
  | 'BudgetExceeded'
  /** The team could not be started at all. */
  | 'NotStarted'
  /** Somebody deleted the Workflow of a running team. */
  | 'WorkflowDeleted';

/** Where a team stands, and why, in words for a person. */
export interface Verdict {
  readonly phase: TeamPhase;
  readonly reason: Reason;
  readonly message: string;
}

/** Argo's word for a node that its Workflow's deadline ended, suspended gates included. */
const DEADLINE = 'Step exceeded its deadline';

/**
 * While the last step sums up, the Workflow may have its phase already: a team ends after that.
 * @param lead the lead's figures.
 */
export function verdictOf(
  workflow: SeenWorkflow | undefined,
  steps: Steps,
  approvals: readonly Approval[],
  waits: ProviderWaits,
  lead?: AgentLive,
): Verdict {
  const { phase, finishedAt } = workflow?.status ?? {};
  const isSummingUp = !finishedAt && (phase === 'Succeeded' || phase === 'Failed');
  switch (isSummingUp ? 'Running' : phase) {
    case 'Running':
      return hasBegun(steps)
        ? { phase: 'Running', reason: 'Running', message: atWork(steps, waits) }
        : {
            phase: 'Initializing',
            reason: 'Initializing',
            message: 'The workspace is being set up.',
          };
    case 'Succeeded':
      return rejection(approvals) ?? completed(lead);
    case 'Failed':
    case 'Error':
      return failure(workflow, steps, approvals, waits);
    default:
      return { phase: 'Pending', reason: 'Pending', message: 'Argo has not begun yet.' };
  }
}

/** Whether any agent's pod came further than its set-up. */
function hasBegun(steps: Steps): boolean {
  return [...steps.values()]
    .filter(({ node }) => AGENT.test(node.templateName ?? ''))
    .some(({ attempts }) =>
      attempts.some(({ phase, message = '' }) =>
        phase === 'Failed' || phase === 'Error'
          ? !UNBEGUN.test(message)
          : phase === 'Running' || phase === 'Succeeded',
      ),
    );
}

/** Templates of agents' steps. */
const AGENT = /^(lead$|agent-)/;

/** Argo's words for a pod whose main container never started, or that was not made any more. */
const UNBEGUN = new RegExp(
  `^${CONTAINERS.setup}: |^Pod failed before |^workflow shutdown with strategy: \\S`,
);

/** What is asked of people belongs to it: it is all that `kubectl get -o wide` has room for. */
function atWork(steps: Steps, waits: ProviderWaits): string {
  const waiting = [...steps.values()]
    .filter((step) => step.name.startsWith(GATE_PREFIX) && isGateOpen(step))
    .map(({ name }) => name.slice(GATE_PREFIX.length));
  const approval = waiting.length === 0 ? '' : `; waiting for approval of ${waiting.join(', ')}`;
  return [`The agents are at work${approval}.`, waitSentences(waits, 'are')].join(' ').trim();
}

function completed(lead: AgentLive | undefined): Verdict {
  const message =
    lead?.outcome === 'nothing-to-do'
      ? `The lead ${lead.message ?? 'had nothing to do'}`
      : 'All steps completed.';
  return { phase: 'Completed', reason: 'Completed', message };
}

/** Causes before effects: a budget stop also fails steps, and an open gate is ended with the rest. */
function failure(
  workflow: SeenWorkflow | undefined,
  steps: Steps,
  approvals: readonly Approval[],
  waits: ProviderWaits,
): Verdict {
  const message = workflow?.status?.message ?? '';
  const all = [...steps.values()];
  const broke = all.find((step) => isFailed(step.node) && exitCodeOf(step) === EXIT.budget);
  if (broke !== undefined) {
    return {
      phase: 'BudgetExceeded',
      reason: 'BudgetExceeded',
      message: `${broke.name} stopped: the budget is spent.`,
    };
  }
  if (/^Stopped|^Terminate/.test(message)) {
    // Where the lead had failed by then, nothing else could have ended the team.
    const lead = leadFailure(steps);
    return lead === undefined
      ? { phase: 'Failed', reason: 'Stopped', message: 'The team was stopped.' }
      : stepFailure([lead]);
  }
  const late = all.filter(({ node, attempts }) =>
    [node, ...attempts].some((one) => one.message === DEADLINE),
  );
  if (late.length > 0) {
    const names = late.map(({ name }) => name).join(', ');
    return {
      phase: 'TimedOut',
      reason: 'TimedOut',
      message: [`The time was up; unfinished: ${names}.`, waitSentences(waits, 'were')]
        .join(' ')
        .trim(),
    };
  }
  const failed = all.filter(({ node }) => isFailed(node));
  if (failed.length > 0) return stepFailure(failed);
  return rejection(approvals) ?? { phase: 'Failed', reason: 'StepFailed', message };
}

/** Steps that failed for the same reason, as all pods do that cannot be set up, say it once, the lead first. */
function stepFailure(failed: readonly Step[]): Verdict {
  const names = new Map<string, string[]>();
  const isLead = ({ name }: Step): number => Number(name === STEPS.lead);
  for (const step of failed.toSorted((a, b) => isLead(b) - isLead(a))) {
    const words = complaint(step);
    names.set(words, [...(names.get(words) ?? []), step.name]);
  }
  const message = [...names].map(([words, steps]) => `${steps.join(', ')}: ${words}`).join(' ');
  return { phase: 'Failed', reason: 'StepFailed', message };
}

/** A gate that somebody rejected weighs more than one that nobody answered. */
function rejection(approvals: readonly Approval[]): Verdict | undefined {
  const refused = approvals.filter(({ decision }) => decision === 'reject');
  if (refused.length === 0) return undefined;
  const events = refused.map(({ event, via, by, reason }) => {
    if (via === 'timeout') return `Nobody answered ${event} in time.`;
    return `${event} was rejected${by ? ` by ${by}` : ''}${reason ? `: ${reason}` : ''}.`;
  });
  return {
    phase: 'Failed',
    reason: refused.every(({ via }) => via === 'timeout') ? 'Unanswered' : 'Rejected',
    message: events.join(' '),
  };
}

/** What is known of a failed step: its own words, the meaning of its exit code, else Argo's words. */
function complaint(step: Step): string {
  const code = exitCodeOf(step);
  const own = code === EXIT.checks ? failedChecks(step) : ownWordsOf(step);
  const last = step.attempts.at(-1)?.message ?? step.node.message ?? 'failed';
  const words = own ?? MEANINGS[code ?? 0] ?? last.replace(REFUSED_POD, 'its pod is forbidden');
  return words.trim().replace(/\.?$/, '.');
}

/** How the API server refuses a pod: of the names, the step's is the one that people know. */
const REFUSED_POD = /^pods "[^"]*" is forbidden/;

/** Each check that did not pass: the step's last words are a line for each check. */
function failedChecks(step: Step): string {
  const lines = (ownWordsOf(step) ?? '').split('\n');
  const failed = lines.flatMap((line) => /^FAILED\s+(.+)$/.exec(line)?.[1] ?? []);
  return ['quality gates failed', ...failed].join('; ');
}

const MEANINGS: Readonly<Record<number, string>> = {
  [EXIT.invalid]: 'was given a spec that it cannot satisfy',
  [EXIT.scope]: 'left changes outside its scope',
  [EXIT.unfinished]: 'ended with tasks of its own still open',
  [EXIT.conflict]: 'branches could not be merged',
  [EXIT.refused]: 'credentials or remote were refused',
  [EXIT.reportedFailed]: 'reported that it failed',
  [EXIT.reportedBlocked]: 'reported that it is blocked',
  [EXIT.unreported]: 'ended without a declaration',
  [EXIT.limited]: 'reached a limit of the provider of its model',
};
