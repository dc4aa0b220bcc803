import type { AgentTeam, AgentTeamStatus } from '@agentteam/api';
import {
  centsTextTogether,
  LEAD,
  OUTPUTS,
  parseFigures,
  roundToCents,
  STEPS,
  type TeamLive,
  type TokenCounts,
} from '@agentteam/contract';
import { type AgentStatus, agentStatus } from './agent-status.ts';
import { approvalsOf } from './approvals.ts';
import { conditionsOf } from './conditions.ts';
import { outputOf, type Steps, stepsOf } from './nodes.ts';
import { presentable } from './presentable.ts';
import { providerWaits } from './provider-waits.ts';
import { openQuestions, statusQuestions } from './questions.ts';
import { readNodes } from './read-nodes.ts';
import type { Rulings } from './rulings.ts';
import { phaseDetailsOf } from './team-phase.ts';
import { type WorkflowView, workflowView } from './workflow-view.ts';

/**
 * Computes a team's status from its Workflow and its figures. The API server accepts the result whatever
 * JSON the Workflow contains.
 * @param workflow with decompressed nodes in `status.nodes`; undefined while it does not exist.
 * @param totals figures that the caller trusts, from the last step, a gateway or the volume.
 * @param team its spec, and its last status, whose condition times are kept.
 * @param rulings what the controller knows about restricted gates.
 */
export function project(
  workflow: WorkflowView | undefined,
  totals: TeamLive | undefined,
  team: AgentTeam,
  rulings: Rulings = {},
): AgentTeamStatus {
  return presentable(statusOf(workflow && workflowView(workflow), totals, team, rulings));
}

function statusOf(
  workflow: WorkflowView | undefined,
  totals: TeamLive | undefined,
  team: AgentTeam,
  rulings: Rulings,
): AgentTeamStatus {
  const steps: Steps = workflow === undefined ? new Map() : stepsOf(workflow);
  const approvals = approvalsOf(steps, workflow, team.status?.approvals ?? [], rulings);
  const waits = providerWaits(totals);
  const open = openQuestions(totals);
  const liveOf = (role: string, name?: string) =>
    totals?.agents.find(
      (agent) => agent.role === role && (name === undefined || agent.name === name),
    );
  const details = phaseDetailsOf({ workflow, steps, approvals, waits, questions: open, totals });
  const lead = agentStatus('lead', STEPS.lead, [], {
    workflow,
    steps,
    approvals,
    live: liveOf('lead'),
    question: open.find(({ agent }) => agent === LEAD),
  });
  const teammates = team.spec.teammates.map(({ name, dependsOn = [] }) => ({
    name,
    ...agentStatus(name, name, dependsOn, {
      workflow,
      steps,
      approvals,
      live: liveOf('teammate', name),
      question: open.find(({ agent }) => agent === name),
    }),
  }));
  const { startedAt, finishedAt } = workflow?.status ?? {};
  const generation = team.metadata.generation;
  const cost = roundToCents(totals?.usd ?? '0');
  const [leadCost = '0.00', ...mateCosts] = centsTextTogether(
    [liveOf('lead'), ...teammates.map(({ name }) => liveOf('teammate', name))].map(
      (agent) => agent?.usd ?? '0',
    ),
  );
  const branch = outputOf(steps.get(STEPS.deliver), OUTPUTS.branch);
  const pullRequest = pullRequestOf(steps);
  const questions = statusQuestions(totals?.questions);
  return {
    phase: details.phase,
    message: details.message,
    ...(workflow?.metadata.name !== undefined && { workflow: workflow.metadata.name }),
    ...(startedAt && { startedAt }),
    ...(finishedAt && { completedAt: finishedAt }),
    ready: ready(teammates),
    lead: { ...lead, estimatedCost: leadCost },
    teammates: teammates.map((mate, index) => ({
      ...mate,
      estimatedCost: mateCosts[index] ?? '0.00',
    })),
    tasks: totals?.tasks ?? { total: 0, completed: 0, inProgress: 0, pending: 0 },
    totalTokensUsed: totals === undefined ? 0 : totalTokens(totals.tokens),
    estimatedCost: cost,
    cost: `$${cost}`,
    approvals,
    ...(questions.length > 0 && { questions: [...questions] }),
    ...(pullRequest !== undefined && { pullRequest }),
    ...(branch !== undefined && { consolidatedBranch: branch }),
    conditions: conditionsOf(
      details,
      steps,
      team.status?.conditions ?? [],
      newestTime(workflow) ?? team.metadata.creationTimestamp ?? '1970-01-01T00:00:00Z',
      generation,
      {
        notices: totals?.notices,
        waits,
        questions: open,
        figuresAt: totals?.at,
        paused: totals?.paused,
      },
    ),
    ...(generation !== undefined && { observedGeneration: generation }),
  };
}

/** The last step's totals as it wrote them, with the proof. */
export interface WrittenTotals {
  readonly text: string;
  readonly proof?: string;
}

/** @returns undefined until the last step has written its totals. */
export function writtenTotals(workflow: WorkflowView): WrittenTotals | undefined {
  const finish = stepsOf(workflow).get(STEPS.finish);
  const text = outputOf(finish, OUTPUTS.totals);
  const proof = outputOf(finish, OUTPUTS.totalsProof);
  return text === undefined ? undefined : { text, ...(proof !== undefined && { proof }) };
}

/** The last step's totals without a check of their proof: anyone who may patch the Workflow could have written them. */
export function totalsOf(workflow: WorkflowView): TeamLive | undefined {
  const written = writtenTotals(workflow);
  if (written === undefined) return undefined;
  const read = parseFigures(written.text);
  return 'figures' in read ? read.figures : undefined;
}

/** The sum over all classes of tokens. */
function totalTokens(tokens: TokenCounts): number {
  return (
    tokens.input + tokens.output + tokens.cacheRead + tokens.cacheWrite5m + tokens.cacheWrite1h
  );
}

/** `1/2`: how many teammates are running or have completed, of how many. */
function ready(teammates: readonly Pick<AgentStatus, 'phase'>[]): string {
  const up = teammates.filter(({ phase }) => phase === 'Running' || phase === 'Completed');
  return `${up.length}/${teammates.length}`;
}

function pullRequestOf(steps: Steps): { url: string; state: string } | undefined {
  const deliver = steps.get(STEPS.deliver);
  const url = outputOf(deliver, OUTPUTS.pullRequestUrl);
  if (url === undefined) return undefined;
  return { url, state: outputOf(deliver, OUTPUTS.pullRequestState) ?? 'open' };
}

/** Time of the Workflow's latest change. */
function newestTime(workflow: WorkflowView | undefined): string | undefined {
  const nodes = Object.values(readNodes(workflow?.status?.nodes));
  const times = [workflow?.status, ...nodes].flatMap((one) => [one?.startedAt, one?.finishedAt]);
  return times
    .filter((time) => typeof time === 'string')
    .toSorted()
    .at(-1);
}
