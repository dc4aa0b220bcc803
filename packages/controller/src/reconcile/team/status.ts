import type { AgentTeamStatus } from '@agentteam/api';
import { CLI_FIELD_MANAGER } from '@agentteam/contract';
import { type Approval, project, type Rulings } from '@agentteam/status';
import { specOfRun } from '../../approvals/rulings.ts';
import { specHash } from '../../approvals/spec-hash.ts';
import type { HiddenNodes } from '../../argo/cached-workflow.ts';
import type { CachedTeam } from '../cached-resource.ts';
import { type NewCondition, withConditions } from '../conditions.ts';
import type { FiguresRefusal } from '../figures-refusal.ts';
import type { KnownFigures } from '../live-figures.ts';
import type { WaitingPod } from '../waiting-pods.ts';
import { gatesAltered, specChanged, votesVoided } from './spec-conditions.ts';
import { podsWaiting, withWaitingPods } from './waiting-pods.ts';
import type { ReportedState } from './workflow-state.ts';

/** Input of a team's status, besides the team and its Workflow. */
export interface StatusInput {
  readonly known: KnownFigures;
  /** The current time, ISO 8601: the transition time of conditions that the Workflow does not date. */
  readonly at: string;
  /** The gates that only the controller can open. */
  readonly rulings: Rulings;
  /** Why a retry cannot use the team's spec. */
  readonly retryRefusal?: string | undefined;
  /** The condition `Paused`, once a person has paused the team. */
  readonly paused?: NewCondition | undefined;
  readonly waitingPods: readonly WaitingPod[];
  /**
   * When the recipient of a gate or question was notified; undefined if this process has not notified anybody.
   * @param event of the gate, or id of the question.
   * @param at when the gate opened, or the agent asked.
   */
  readonly notifiedAt: (event: string, at: string | undefined) => string | undefined;
}

/** Derives a team's status from its Workflow and from what only the controller knows. */
export function statusOf(
  team: CachedTeam,
  state: ReportedState,
  { known, at, rulings, retryRefusal, paused, waitingPods, notifiedAt }: StatusInput,
): AgentTeamStatus {
  if (state.kind === 'ended') return team.status ?? {};
  if (state.kind === 'deleted') return workflowDeleted(team, at);
  if (state.kind === 'refused') {
    const status = project(undefined, undefined, team);
    const { reason, message, requeue } = state;
    const isFinal = requeue === undefined;
    const [summary = message] = message.split('\n');
    return {
      ...status,
      phase: isFinal ? 'Failed' : 'Pending',
      message: summary,
      conditions: withConditions(team, status.conditions, at, [
        {
          type: 'Complete',
          status: isFinal ? 'False' : 'Unknown',
          reason: 'NotStarted',
          message: summary,
        },
        { type: 'Started', status: 'False', reason, message },
        ...votesVoided(team, () => specHash(team.spec)),
      ]),
    };
  }
  const { workflow } = state;
  const { hidden } = workflow;
  const { figures, refusal } = known;
  const projected = project(workflow, figures, team, rulings);
  const visible = hidden === undefined ? projected : withoutSteps(projected, team);
  const current = figures === undefined ? withEarlierFigures(visible, team.status) : visible;
  const status = withWaitingPods(current, team, workflow, waitingPods);
  return {
    ...status,
    approvals: (status.approvals ?? []).map((approval) => {
      const notified =
        notifiedAt(approval.event, approval.openedAt) ?? notifiedBefore(team, approval);
      return {
        ...approval,
        ...(approval.via === 'agentteam' && { via: viaOf(team, approval) }),
        ...(notified !== undefined && { notifiedAt: notified }),
      };
    }),
    ...questionsOf(team, status, notifiedAt),
    conditions: withConditions(team, status.conditions, at, [
      {
        type: 'Started',
        status: 'True',
        reason: 'WorkflowCreated',
        message: `Workflow ${workflow.metadata.name} was created.`,
      },
      specChanged(team, workflow, retryRefusal),
      ...(paused === undefined ? [] : [paused]),
      ...votesVoided(team, () => specOfRun(team, workflow)),
      ...gatesAltered(workflow, rulings),
      ...podsWaiting(team, workflow, waitingPods),
      ...(hidden === undefined ? [] : [stepsHidden(hidden)]),
      ...(refusal === undefined ? [] : [figuresRefused(refusal)]),
    ]),
  };
}

/** The questions, with when people were notified. */
function questionsOf(
  team: CachedTeam,
  { questions }: AgentTeamStatus,
  notifiedAt: StatusInput['notifiedAt'],
): Pick<AgentTeamStatus, 'questions'> {
  if (questions === undefined) return {};
  return {
    questions: questions.map((question) => {
      const before = team.status?.questions?.find(({ id }) => id === question.id);
      const notified = notifiedAt(question.id, question.askedAt) ?? before?.notifiedAt;
      return { ...question, ...(notified !== undefined && { notifiedAt: notified }) };
    }),
  };
}

/** Without the steps, the status keeps what was known about them, and follows the Workflow's phase. */
function withoutSteps(projected: AgentTeamStatus, team: CachedTeam): AgentTeamStatus {
  return {
    ...projected,
    ...(projected.phase === 'Initializing' && {
      phase: 'Running',
      message: 'The Workflow is running, but the controller cannot read its steps.',
    }),
    ...pick(team.status, ['ready', 'lead', 'teammates', 'approvals', 'pullRequest']),
  };
}

function stepsHidden({ reason, message }: HiddenNodes): NewCondition {
  return {
    type: 'StepsHidden',
    status: 'True',
    reason,
    message: `${message} The status no longer shows agents, costs and gates. Answer gates with argo resume or argo node set. Gates with approvers cannot be opened.`,
  };
}

function figuresRefused({ reason, message }: FiguresRefusal): NewCondition {
  return {
    type: 'FiguresRefused',
    status: 'True',
    reason,
    message: `${message} The status shows the last figures that were proven.`,
  };
}

/** Keeps the earlier figures while the controller, after a restart, does not know newer ones. */
function withEarlierFigures(
  status: AgentTeamStatus,
  before: AgentTeamStatus | undefined,
): AgentTeamStatus {
  if (before === undefined) return status;
  return {
    ...status,
    ...pick(before, ['tasks', 'totalTokensUsed', 'estimatedCost', 'cost', 'questions']),
    ...(status.lead && { lead: { ...status.lead, ...pick(before.lead, MEMBER_FIGURES) } }),
    teammates: (status.teammates ?? []).map((teammate) => ({
      ...teammate,
      ...pick(
        before.teammates?.find(({ name }) => name === teammate.name),
        MEMBER_FIGURES,
      ),
    })),
  };
}

/** Whether the command line or another program wrote the annotation that answered a gate. */
function viaOf(
  { answerManagers, status }: CachedTeam,
  { event }: Approval,
): NonNullable<Approval['via']> {
  const before = status?.approvals?.find((approval) => approval.event === event)?.via;
  const byCli = answerManagers?.[event] === CLI_FIELD_MANAGER;
  return before ?? (byCli ? 'agentteam' : 'annotation');
}

function notifiedBefore(team: CachedTeam, { event, openedAt }: Approval): string | undefined {
  const before = team.status?.approvals?.find((approval) => approval.event === event);
  return before?.openedAt === openedAt ? before?.notifiedAt : undefined;
}

const MEMBER_FIGURES = ['tasksCompleted', 'tasksClaimed', 'estimatedCost'] as const;

function pick<T extends object, K extends keyof T>(
  from: T | undefined,
  keys: readonly K[],
): Partial<Pick<T, K>> {
  const entries = keys.flatMap((key) => (from?.[key] === undefined ? [] : [[key, from[key]]]));
  return Object.fromEntries(entries) as Partial<Pick<T, K>>;
}

function workflowDeleted(team: CachedTeam, at: string): AgentTeamStatus {
  const status = team.status ?? {};
  const message = 'The Workflow was deleted while the team was running.';
  return {
    ...status,
    phase: 'Failed',
    message,
    completedAt: at,
    conditions: withConditions(team, status.conditions, at, [
      { type: 'Complete', status: 'False', reason: 'WorkflowDeleted', message },
    ]),
  };
}
