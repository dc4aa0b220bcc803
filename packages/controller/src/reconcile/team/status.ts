import type { AgentTeamStatus } from '@agentteam/api';
import { CLI_FIELD_MANAGER } from '@agentteam/contract';
import { type Approval, project, type Rulings } from '@agentteam/status';
import { specOfRun } from '../../approvals/rulings.ts';
import { specHash } from '../../approvals/spec-hash.ts';
import type { Hidden } from '../../argo/stored.ts';
import { type Fresh, withConditions } from '../conditions.ts';
import type { Distrust } from '../distrust.ts';
import type { Heard } from '../live.ts';
import type { StoredTeam } from '../stored.ts';
import { gatesAltered, specChanged, votesVoided } from './spec-conditions.ts';
import type { StandingRun } from './standing.ts';

/** What the controller knows of a team besides the team and its Workflow. */
export interface Known {
  /** The figures that are believed, and why others are not. */
  readonly heard: Heard;
  /** Now, ISO 8601: for conditions that no time of the Workflow explains. */
  readonly at: string;
  /** On the gates that only the controller can open. */
  readonly rulings: Rulings;
  /** When the receiver of a gate was told, as far as this process knows. */
  /** Why a retry cannot go on with the team's spec. */
  readonly refusal?: string | undefined;
  readonly notifiedAt: (approval: Approval) => string | undefined;
}

/**
 * The status that a team should have: the projection of its Workflow, and what only the controller
 * knows. Pure.
 */
export function statusOf(
  team: StoredTeam,
  run: StandingRun,
  { heard, at, rulings, refusal, notifiedAt }: Known,
): AgentTeamStatus {
  if (run.kind === 'over') return team.status ?? {};
  if (run.kind === 'lost') return lost(team, at);
  if (run.kind === 'refused') {
    const status = project(undefined, undefined, team);
    const ended = run.again === undefined;
    const [summary] = run.message.split('\n');
    return {
      ...status,
      phase: ended ? 'Failed' : 'Pending',
      message: summary ?? run.message,
      conditions: withConditions(team, status.conditions, at, [
        {
          type: 'Complete',
          status: ended ? 'False' : 'Unknown',
          reason: 'NotStarted',
          message: summary ?? run.message,
        },
        { type: 'Started', status: 'False', reason: run.reason, message: run.message },
        ...votesVoided(team, () => specHash(team.spec)),
      ]),
    };
  }
  const { hidden } = run.workflow;
  const { figures, distrust } = heard;
  const projected = project(run.workflow, figures, team, rulings);
  const shown = hidden === undefined ? projected : withoutSteps(projected, team);
  const status = figures === undefined ? withFigures(shown, team.status) : shown;
  return {
    ...status,
    approvals: (status.approvals ?? []).map((approval) => {
      const told = notifiedAt(approval) ?? toldBefore(team, approval);
      return {
        ...approval,
        ...(approval.via === 'agentteam' && { via: viaOf(team, approval) }),
        ...(told !== undefined && { notifiedAt: told }),
      };
    }),
    conditions: withConditions(team, status.conditions, at, [
      {
        type: 'Started',
        status: 'True',
        reason: 'WorkflowCreated',
        message: `Workflow ${run.workflow.metadata.name} was created.`,
      },
      specChanged(team, run.workflow, refusal),
      ...votesVoided(team, () => specOfRun(team, run.workflow)),
      ...gatesAltered(run.workflow, rulings),
      ...(hidden === undefined ? [] : [stepsHidden(hidden)]),
      ...(distrust === undefined ? [] : [figuresRefused(distrust)]),
    ]),
  };
}

/** Where the steps cannot be seen, what was known of them stands, and the Workflow's phase counts. */
function withoutSteps(projected: AgentTeamStatus, team: StoredTeam): AgentTeamStatus {
  return {
    ...projected,
    ...(projected.phase === 'Initializing' && {
      phase: 'Running',
      message: 'The Workflow is running; its steps cannot be seen.',
    }),
    ...pick(team.status, ['ready', 'lead', 'teammates', 'approvals', 'pullRequest']),
  };
}

function stepsHidden({ reason, message }: Hidden): Fresh {
  return {
    type: 'StepsHidden',
    status: 'True',
    reason,
    message: `${message} Agents, costs and gates are not shown from here on. Answer gates with argo resume or argo node set; gates with approvers cannot be opened.`,
  };
}

/** What is shown of the team's cost and tasks is what was proven last. */
function figuresRefused({ reason, message }: Distrust): Fresh {
  const shown = 'Shown are the last figures that were proven.';
  return { type: 'FiguresRefused', status: 'True', reason, message: `${message} ${shown}` };
}

/** After a restart nothing has been heard of a team yet: its figures stay what they were. */
function withFigures(
  status: AgentTeamStatus,
  before: AgentTeamStatus | undefined,
): AgentTeamStatus {
  if (before === undefined) return status;
  return {
    ...status,
    ...pick(before, ['tasks', 'totalTokensUsed', 'estimatedCost', 'cost']),
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

/** An answer that the annotations gave: by the command line, or by whoever else wrote them. */
function viaOf(
  { answeredThrough, status }: StoredTeam,
  { event }: Approval,
): NonNullable<Approval['via']> {
  const before = status?.approvals?.find((approval) => approval.event === event)?.via;
  const byCli = answeredThrough?.[event] === CLI_FIELD_MANAGER;
  return before ?? (byCli ? 'agentteam' : 'annotation');
}

function toldBefore(team: StoredTeam, { event, openedAt }: Approval): string | undefined {
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

function lost(team: StoredTeam, at: string): AgentTeamStatus {
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
