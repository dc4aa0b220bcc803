import { ARGO_MESSAGES } from '@agentteam/argo';
import { eventOfGateStep, isAgentTemplate, LEAD, STEPS } from '@agentteam/contract';
import {
  type DagTask,
  isFailed,
  isGateOpen,
  readDag,
  type Step,
  stepsOf,
  stepTitle,
  terminationMessage,
  type WorkflowView,
  workflowView,
} from '@agentteam/status';
import type { GateDetail, StepDetail, StepKind, StepState } from './step-detail.ts';

/** A Workflow of which only the metadata has been checked. */
export type AnyWorkflow = Parameters<typeof workflowView>[0];

/**
 * Lists all steps of a compiled Workflow, in its order: those that have begun, and those that have not. The
 * last step, which Argo starts when all others have ended, comes last.
 */
export function stepDetails(workflow: AnyWorkflow): readonly StepDetail[] {
  const view = workflowView(workflow);
  const begun = stepsOf(view);
  const tasks = readDag(workflow);
  const isOver = view.status?.finishedAt !== undefined;
  const all = tasks.map((task) => stepDetail(task, begun.get(task.name), isOver));
  if (all.length === 0) return [];
  const followed = new Set(tasks.flatMap(({ after }) => after));
  const last: DagTask = {
    name: STEPS.finish,
    template: '',
    after: tasks.filter(({ name }) => !followed.has(name)).map(({ name }) => name),
    isGate: false,
    level: Math.max(...tasks.map(({ level }) => level)) + 1,
  };
  return [...all, stepDetail(last, begun.get(STEPS.finish), isOver)];
}

function stepDetail(task: DagTask, step: Step | undefined, isOver: boolean): StepDetail {
  const { name, template, after, level } = task;
  const kind = kindOf(name, task.isGate);
  const { startedAt, finishedAt } = step?.node ?? {};
  const message = messageOf(step);
  const state = stateOf(step, isOver);
  const began = state !== 'waiting' && state !== 'skipped';
  return {
    name,
    title: stepTitle(name),
    kind,
    ...(kind === 'agent' && isAgentTemplate(template) && { agent: agentOf(name) }),
    dependsOn: after,
    level,
    state,
    attempts: step?.attempts.length ?? 0,
    ...(began && startedAt && { startedAt }),
    ...(began && finishedAt && { endedAt: finishedAt }),
    ...(message && { message }),
  };
}

/** What Argo says of a step, unless the state says as much. Why it is not repeated is in its last attempt. */
function messageOf(step: Step | undefined): string | undefined {
  const message = step?.node.message;
  if (step === undefined || message === ARGO_MESSAGES.omitted) return undefined;
  if (message !== ARGO_MESSAGES.notRetried && message !== ARGO_MESSAGES.noMoreRetries)
    return message;
  return terminationMessage(step) ?? step.attempts.at(-1)?.message;
}

const KINDS: Readonly<Record<string, StepKind>> = {
  [STEPS.rollCall]: 'roll-call',
  [STEPS.checks]: 'checks',
  [STEPS.deliver]: 'deliver',
  [STEPS.finish]: 'finish',
};

function kindOf(name: string, isGate: boolean): StepKind {
  if (isGate) return 'gate';
  return KINDS[name] ?? 'agent';
}

/** The agent that runs in a step. */
export function agentOf(step: string): string {
  return step === STEPS.lead ? LEAD : step;
}

/** The step that an agent runs in. */
export function stepOfAgent(agent: string): string {
  return agent === LEAD ? STEPS.lead : agent;
}

function stateOf(step: Step | undefined, isOver: boolean): StepState {
  if (step === undefined) return isOver ? 'skipped' : 'waiting';
  const { phase } = step.node;
  if (phase === 'Succeeded') return 'done';
  if (phase === 'Skipped' || phase === 'Omitted') return 'skipped';
  if (isFailed(step.node)) return 'failed';
  if (isGateOpen(step)) return 'asking';
  if (phase !== 'Running') return 'waiting';
  const last = step.attempts.at(-1);
  return last?.phase === 'Pending' ? 'waiting' : 'running';
}

/** What the spec of a team says about a gate. */
export interface GateRule {
  readonly event: string;
  readonly approvers?: {
    readonly users?: readonly string[];
    readonly groups?: readonly string[];
  };
  readonly requiredApprovals?: number;
}

/** A gate in the status of a team. */
export interface GateRecord {
  readonly event: string;
  readonly decision?: 'approve' | 'reject';
  readonly by?: string;
  readonly via?: string;
  readonly reason?: string;
  readonly openedAt?: string;
  readonly decidedAt?: string;
}

/**
 * Lists the gates of a Workflow, with the decisions in the status.
 * @param rules the gates in the team's spec.
 */
export function gateDetails(
  steps: readonly StepDetail[],
  rules: readonly GateRule[],
  records: readonly GateRecord[],
): readonly GateDetail[] {
  return steps
    .filter(({ kind }) => kind === 'gate')
    .map((step) => {
      const event = eventOfGateStep(step.name);
      const rule = rules.find((one) => one.event === event);
      const record = records.find((one) => one.event === event);
      const behind = steps.find(({ dependsOn }) => dependsOn.includes(step.name));
      return {
        event,
        before: behind?.name ?? '',
        state: gateState(step, record),
        approvers: [...(rule?.approvers?.users ?? []), ...(rule?.approvers?.groups ?? [])],
        requiredApprovals: rule?.requiredApprovals ?? 1,
        ...(record?.openedAt !== undefined && { openedAt: record.openedAt }),
        decisions: decisionsOf(record),
      };
    });
}

function gateState(step: StepDetail, record: GateRecord | undefined): GateDetail['state'] {
  if (record?.decision === 'approve') return 'approved';
  if (record?.decision === 'reject') return 'rejected';
  if (step.state === 'asking') return 'open';
  return step.state === 'skipped' ? 'skipped' : 'waiting';
}

function decisionsOf(record: GateRecord | undefined): GateDetail['decisions'] {
  if (record?.decision === undefined) return [];
  const { decision, by, reason, decidedAt, via } = record;
  return [
    {
      decision,
      ...(by !== undefined && { by }),
      ...(reason !== undefined && { reason }),
      ...(decidedAt !== undefined && { at: decidedAt }),
      ...(via !== undefined && { via }),
    },
  ];
}

/** The attempts of a step, for its timeline: when each pod began and ended. */
export function attemptsOf(
  workflow: WorkflowView,
  step: string,
): readonly { readonly from: string; readonly to?: string }[] {
  return (stepsOf(workflow).get(step)?.attempts ?? []).flatMap(({ startedAt, finishedAt }) =>
    startedAt ? [{ from: startedAt, ...(finishedAt && { to: finishedAt }) }] : [],
  );
}
