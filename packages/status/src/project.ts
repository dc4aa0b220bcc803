import type { AgentTeam, AgentTeamStatus } from '@agentteam/api';
import { OUTPUTS, parseFigures, STEPS, type TeamLive, type TokenCounts } from '@agentteam/contract';
import { approvalsOf } from './approvals.ts';
import { conditionsOf } from './conditions.ts';
import { type MemberStatus, memberStatus } from './member.ts';
import { cents } from './money.ts';
import { outputOf, type Steps, stepsOf } from './nodes.ts';
import { presentable } from './presentable.ts';
import { providerWaits } from './provider-waits.ts';
import { readNodes } from './read-nodes.ts';
import type { Rulings } from './rulings.ts';
import { type SeenWorkflow, seenWorkflow } from './seen-workflow.ts';
import { verdictOf } from './verdict.ts';

/**
 * A team's status: a pure function of its Workflow and its figures. Whatever JSON the Workflow holds, the
 * result is one that the API server accepts.
 * @param workflow with its nodes in `status.nodes` (decompressed, if Argo had compressed them);
 * absent: not made yet.
 * @param totals figures of the last step, a gateway or the volume, as far as the caller believes them.
 * @param team its spec, and its status before, whose condition times are kept.
 * @param rulings on the gates that only the controller can open.
 */
export function project(
  workflow: SeenWorkflow | undefined,
  totals: TeamLive | undefined,
  team: AgentTeam,
  rulings: Rulings = {},
): AgentTeamStatus {
  return presentable(statusOf(workflow && seenWorkflow(workflow), totals, team, rulings));
}

function statusOf(
  workflow: SeenWorkflow | undefined,
  totals: TeamLive | undefined,
  team: AgentTeam,
  rulings: Rulings,
): AgentTeamStatus {
  const steps: Steps = workflow === undefined ? new Map() : stepsOf(workflow);
  const approvals = approvalsOf(steps, workflow, team.status?.approvals ?? [], rulings);
  const waits = providerWaits(totals);
  const liveOf = (role: string, name?: string) =>
    totals?.agents.find(
      (agent) => agent.role === role && (name === undefined || agent.name === name),
    );
  const verdict = verdictOf(workflow, steps, approvals, waits, liveOf('lead'));
  const lead = memberStatus('lead', STEPS.lead, [], {
    workflow,
    steps,
    approvals,
    live: liveOf('lead'),
  });
  const teammates = team.spec.teammates.map(({ name, dependsOn = [] }) => ({
    name,
    ...memberStatus(name, name, dependsOn, {
      workflow,
      steps,
      approvals,
      live: liveOf('teammate', name),
    }),
  }));
  const { startedAt, finishedAt } = workflow?.status ?? {};
  const generation = team.metadata.generation;
  const cost = cents(totals?.usd ?? '0');
  const branch = outputOf(steps.get(STEPS.deliver), OUTPUTS.branch);
  const pullRequest = pullRequestOf(steps);
  return {
    phase: verdict.phase,
    message: verdict.message,
    ...(workflow?.metadata.name === undefined ? {} : { workflow: workflow.metadata.name }),
    ...(startedAt ? { startedAt } : {}),
    // Argo writes null while it runs.
    ...(finishedAt ? { completedAt: finishedAt } : {}),
    ready: ready(teammates),
    lead,
    teammates,
    tasks: totals?.tasks ?? { total: 0, completed: 0, inProgress: 0, pending: 0 },
    totalTokensUsed: totals === undefined ? 0 : totalTokens(totals.tokens),
    estimatedCost: cost,
    cost: `$${cost}`,
    approvals,
    ...(pullRequest === undefined ? {} : { pullRequest }),
    ...(branch === undefined ? {} : { consolidatedBranch: branch }),
    conditions: conditionsOf(
      verdict,
      steps,
      team.status?.conditions ?? [],
      newestTime(workflow) ?? team.metadata.creationTimestamp ?? '1970-01-01T00:00:00Z',
      generation,
      { notices: totals?.notices, waits, figuresAt: totals?.at },
    ),
    ...(generation === undefined ? {} : { observedGeneration: generation }),
  };
}

/** The last step's totals, once it has written them, as their text and its proof of it. */
export interface WrittenTotals {
  readonly text: string;
  readonly proof?: string;
}

export function writtenTotals(workflow: SeenWorkflow): WrittenTotals | undefined {
  const finish = stepsOf(workflow).get(STEPS.finish);
  const text = outputOf(finish, OUTPUTS.totals);
  const proof = outputOf(finish, OUTPUTS.totalsProof);
  return text === undefined ? undefined : { text, ...(proof !== undefined && { proof }) };
}

/** The last step's totals as they stand: whoever may patch the Workflow may have written others. */
export function totalsOf(workflow: SeenWorkflow): TeamLive | undefined {
  const written = writtenTotals(workflow);
  if (written === undefined) return undefined;
  // Cut off by a full disk or a killed pod: the live figures are the better ones.
  const read = parseFigures(written.text);
  return 'figures' in read ? read.figures : undefined;
}

/** All classes together. */
export function totalTokens(tokens: TokenCounts): number {
  return (
    tokens.input + tokens.output + tokens.cacheRead + tokens.cacheWrite5m + tokens.cacheWrite1h
  );
}

/** `running+completed/total`, as the `Ready` column shows it. */
function ready(teammates: readonly MemberStatus[]): string {
  const up = teammates.filter(({ phase }) => phase === 'Running' || phase === 'Completed');
  return `${up.length}/${teammates.length}`;
}

function pullRequestOf(steps: Steps): { url: string; state: string } | undefined {
  const deliver = steps.get(STEPS.deliver);
  const url = outputOf(deliver, OUTPUTS.pullRequestUrl);
  if (url === undefined) return undefined;
  return { url, state: outputOf(deliver, OUTPUTS.pullRequestState) ?? 'open' };
}

/** Time of the newest change that the Workflow tells of. */
function newestTime(workflow: SeenWorkflow | undefined): string | undefined {
  const nodes = Object.values(readNodes(workflow?.status?.nodes));
  const times = [workflow?.status, ...nodes].flatMap((one) => [one?.startedAt, one?.finishedAt]);
  return times
    .filter((time) => typeof time === 'string')
    .toSorted()
    .at(-1);
}
