import { isDeadlineMessage, isNeverStartedMessage, isStopMessage } from '@agentteam/argo';
import {
  type AgentLive,
  CONTAINERS,
  END_REASONS,
  type EndPhase,
  type EndReason,
  EXIT,
  type ExitCode,
  endReasonOf,
  isAgentTemplate,
  type Question,
  STEPS,
  type TeamLive,
} from '@agentteam/contract';
import type { Approval } from './approvals.ts';
import { stepTitle } from './dag.ts';
import {
  eventOf,
  failedNodesOf,
  isFailed,
  lastExitCode,
  openGatesIn,
  type Step,
  type Steps,
  terminationMessage,
} from './nodes.ts';
import { type ProviderWaits, waitSentences } from './provider-waits.ts';
import { questionSentence } from './questions.ts';
import type { WorkflowView } from './workflow-view.ts';

/** Phases of a team that has not ended. Each is also the reason for itself. */
type ActivePhase = 'Pending' | 'Initializing' | 'Running';
export type TeamPhase = ActivePhase | EndPhase;

export type Reason =
  | ActivePhase
  | EndReason
  /** The team could not be started at all. */
  | 'NotStarted'
  /** Someone deleted the Workflow of a running team. */
  | 'WorkflowDeleted';

/** A team's phase with its explanation. */
export interface PhaseDetails {
  readonly phase: TeamPhase;
  readonly reason: Reason;
  /** Sentences for a person. */
  readonly message: string;
}

export interface PhaseSources {
  readonly workflow: WorkflowView | undefined;
  readonly steps: Steps;
  readonly approvals: readonly Approval[];
  readonly waits: ProviderWaits;
  /** Those that wait for an answer. */
  readonly questions: readonly Question[];
  readonly totals: TeamLive | undefined;
}

export function isEnded(phase: TeamPhase): phase is EndPhase {
  return phase !== 'Pending' && phase !== 'Initializing' && phase !== 'Running';
}

/** The team has ended only when the exit handler has: the Workflow may have its final phase before that. */
export function phaseDetailsOf(sources: PhaseSources): PhaseDetails {
  const { workflow, steps } = sources;
  const { phase, finishedAt } = workflow?.status ?? {};
  const isInExitHandler = !finishedAt && (phase === 'Succeeded' || phase === 'Failed');
  switch (isInExitHandler ? 'Running' : phase) {
    case 'Running':
      return hasStarted(steps)
        ? active('Running', runningMessage(sources))
        : active('Initializing', 'The workspace is being set up.');
    case 'Succeeded':
    case 'Failed':
    case 'Error':
      return endDetails(sources);
    default:
      return active(
        'Pending',
        workflow === undefined
          ? 'Waiting for the controller to create the workflow.'
          : 'Waiting for Argo to start the workflow.',
      );
  }
}

function active(phase: ActivePhase, message: string): PhaseDetails {
  return { phase, reason: phase, message };
}

/** Whether the main container of any agent's pod has started. */
function hasStarted(steps: Steps): boolean {
  return [...steps.values()]
    .filter(({ node }) => isAgentTemplate(node.templateName))
    .some(({ attempts }) =>
      attempts.some((attempt) =>
        isFailed(attempt)
          ? !endedBeforeMain(attempt.message ?? '')
          : attempt.phase === 'Running' || attempt.phase === 'Succeeded',
      ),
    );
}

function endedBeforeMain(message: string): boolean {
  return message.startsWith(`${CONTAINERS.setup}: `) || isNeverStartedMessage(message);
}

/** The steps that run when the lead has ended, in their order. */
const LATER_STEPS = [STEPS.checks, STEPS.deliver, STEPS.finish];

/** Open gates are named here, because `kubectl get -o wide` has no room for anything but the message. */
function runningMessage({ steps, waits, questions }: PhaseSources): string {
  const open = openGatesIn(steps).map(eventOf);
  const approval = open.length === 0 ? '' : `; waiting for approval of ${open.join(', ')}`;
  const phaseOf = (step: string) => steps.get(step)?.node.phase;
  const lead = phaseOf(STEPS.lead);
  const hasLeadEnded = lead === 'Succeeded' || lead === 'Failed' || lead === 'Error';
  const later = LATER_STEPS.find((step) => phaseOf(step) === 'Running');
  const running = later === undefined ? '' : `; ${later} is running`;
  return [
    `${hasLeadEnded ? 'The lead has ended' : 'The agents are working'}${running}${approval}.`,
    questionSentence(questions),
    waitSentences(waits, 'are'),
  ]
    .filter((sentence) => sentence !== '')
    .join(' ');
}

function endDetails(sources: PhaseSources): PhaseDetails {
  const { workflow, steps, approvals, totals } = sources;
  const { phase = '', message } = workflow?.status ?? {};
  const unapproved = unapprovedReason(approvals);
  const reason = endReasonOf({
    workflowPhase: phase,
    ...(message !== undefined && { workflowMessage: message }),
    failedNodes: failedNodesOf(steps),
    isBudgetSpent: totals?.stop?.reason === 'budget',
    ...(unapproved !== undefined && { unapproved }),
  });
  return { phase: END_REASONS[reason], reason, message: END_MESSAGES[reason](sources) };
}

/** A gate that someone rejected outweighs one that nobody answered. */
function unapprovedReason(approvals: readonly Approval[]): 'Rejected' | 'Unanswered' | undefined {
  const rejected = approvals.filter(({ decision }) => decision === 'reject');
  if (rejected.length === 0) return undefined;
  return rejected.every(({ via }) => via === 'timeout') ? 'Unanswered' : 'Rejected';
}

const END_MESSAGES: Readonly<Record<EndReason, (sources: PhaseSources) => string>> = {
  Completed: ({ totals }) =>
    completedMessage(totals?.agents.find((agent) => agent.role === 'lead')),
  StepFailed: stepFailureMessage,
  ReportedFailed: stepFailureMessage,
  ReportedBlocked: stepFailureMessage,
  Rejected: ({ approvals }) => rejectionMessage(approvals),
  Unanswered: ({ approvals }) => rejectionMessage(approvals),
  Stopped: () => 'The team was stopped.',
  TimedOut: timeoutMessage,
  BudgetExceeded: budgetMessage,
};

function stepFailureMessage(sources: PhaseSources): string {
  return failureMessage(decisiveSteps(sources)) || (sources.workflow?.status?.message ?? '');
}

function completedMessage(lead: AgentLive | undefined): string {
  return lead?.outcome === 'nothing-to-do'
    ? `The lead ${lead.message ?? 'had nothing to do'}`
    : 'All steps completed.';
}

function budgetMessage({ steps, totals }: PhaseSources): string {
  if (totals?.stop !== undefined) return totals.stop.message;
  const step = failedSteps(steps).find((failed) => lastExitCode(failed) === EXIT.budget);
  return step === undefined
    ? 'The team reached its budget.'
    : `${stepTitle(step.name)} failed: it reached the budget.`;
}

function timeoutMessage({ steps, waits }: PhaseSources): string {
  const names = [...steps.values()]
    .filter(
      ({ name, node, attempts }) =>
        name !== STEPS.rollCall &&
        [node, ...attempts].some(({ message = '' }) => isDeadlineMessage(message)),
    )
    .map(({ name }) => stepTitle(name));
  return [
    `The team reached its timeout. Unfinished: ${names.join(', ')}.`,
    waitSentences(waits, 'were'),
  ]
    .join(' ')
    .trim();
}

function failedSteps(steps: Steps): readonly Step[] {
  return [...steps.values()].filter(({ node }) => isFailed(node));
}

/** The steps that explain a failure. A team that was stopped because its lead had failed has only one cause. */
function decisiveSteps({ workflow, steps }: PhaseSources): readonly Step[] {
  const lead = steps.get(STEPS.lead);
  const wasStopped = isStopMessage(workflow?.status?.message ?? '');
  return wasStopped && lead !== undefined ? [lead] : failedSteps(steps);
}

/** The lead's step comes first. Steps that failed for the same reason share one sentence. */
function failureMessage(failed: readonly Step[]): string {
  const names = new Map<string, string[]>();
  const isLead = ({ name }: Step): number => Number(name === STEPS.lead);
  for (const step of failed.toSorted((a, b) => isLead(b) - isLead(a))) {
    const why = failureReason(step);
    names.set(why, [...(names.get(why) ?? []), stepTitle(step.name)]);
  }
  return [...names].map(([why, steps]) => `${steps.join(', ')}: ${why}`).join(' ');
}

function rejectionMessage(approvals: readonly Approval[]): string {
  return approvals
    .filter(({ decision }) => decision === 'reject')
    .map(({ event, via, by, reason }) =>
      via === 'timeout'
        ? `Nobody answered ${event} in time.`
        : `${event} was rejected${by ? ` by ${by}` : ''}${reason ? `: ${reason}` : ''}.`,
    )
    .join(' ');
}

/** The step's termination message; without one, the meaning of its exit code; otherwise Argo's message. */
function failureReason(step: Step): string {
  const code = lastExitCode(step);
  const own = code === EXIT.checks ? failedChecks(step) : terminationMessage(step);
  const last = step.attempts.at(-1)?.message ?? step.node.message ?? 'failed';
  const why = own ?? meaningOf(code) ?? last.replace(FORBIDDEN_POD, 'its pod is forbidden');
  return why.trim().replace(/(?<![.!?])$/, '.');
}

/** The API server's message names the pod; the step's name already stands before it. */
const FORBIDDEN_POD = /^pods "[^"]*" is forbidden/;

/** The checks that did not pass: the termination message has a line for each check. */
function failedChecks(step: Step): string {
  const lines = (terminationMessage(step) ?? '').split('\n');
  const failed = lines.flatMap((line) => /^FAILED\s+(.+)$/.exec(line)?.[1] ?? []);
  return ['quality gates failed', ...failed].join('; ');
}

/** What exit codes mean for a person. A new exit code does not compile until it is described here. */
const MEANINGS: Readonly<Record<ExitCode, string | undefined>> = {
  [EXIT.ok]: undefined,
  [EXIT.failed]: undefined,
  [EXIT.invalid]: 'its spec cannot be satisfied',
  [EXIT.scope]: 'left changes outside its scope',
  [EXIT.unfinished]: 'ended with open tasks of its own',
  [EXIT.conflict]: 'branches could not be merged',
  [EXIT.refused]: 'the remote refused the credentials, or its host key did not match',
  [EXIT.reportedFailed]: 'reported that it failed',
  [EXIT.reportedBlocked]: 'reported that it is blocked',
  [EXIT.unreported]: 'ended without a report',
  [EXIT.limited]: "reached the model provider's limit",
  [EXIT.checks]: 'quality gates failed',
  [EXIT.budget]: 'reached the budget',
};

function meaningOf(code: number | undefined): string | undefined {
  return (MEANINGS as Readonly<Record<number, string | undefined>>)[code ?? EXIT.failed];
}
