import type { AgentTeam, AgentTeamStatus } from '@agentteam/api';
import { LEAD, OUTPUTS, STEPS, type TeamLive } from '@agentteam/contract';
import { outputOf, type Steps, stepsOf, workflowView } from '@agentteam/status';
import { checksIn } from './results/checks.ts';
import type { DeliveryDetail } from './results/results-detail.ts';
import type { DetailSource, MemberSource } from './source.ts';
import { type AnyWorkflow, attemptsOf, gateDetails, stepDetails, stepOfAgent } from './steps.ts';

/** A team with its Workflow, on this machine or on a cluster. */
export interface TeamOfWorkflow {
  /** Name in commands. */
  readonly name: string;
  readonly team: AgentTeam;
  readonly workflow: AnyWorkflow;
  readonly status: AgentTeamStatus;
  readonly live: TeamLive | undefined;
  /** Budget of the whole team: US dollars as decimal text; absent without a limit. */
  readonly limit?: string;
  readonly rehearsal: boolean;
  readonly interrupted: boolean;
  readonly createdAt: string;
}

/** Takes what a team's Workflow, spec and status say about it. The caller adds the volume and the rest. */
export function workflowSource(hosted: TeamOfWorkflow): DetailSource {
  const { name, team, status, live, limit, rehearsal, interrupted, createdAt } = hosted;
  const workflow = workflowView(hosted.workflow);
  const begun = stepsOf(workflow);
  const steps = stepDetails(hosted.workflow);
  const { phase = 'Pending', message, conditions = [] } = status;
  const paused = conditions.find(({ type }) => type === 'Paused')?.status;
  const { startedAt, finishedAt } = workflow.status ?? {};
  const checks = outputOf(begun.get(STEPS.finish), OUTPUTS.checks);
  const delivery = deliveryOf(begun, status);
  const member = (agent: string, spec: { model?: string; budgetLimit?: string }): MemberSource => ({
    name: agent,
    step: stepOfAgent(agent),
    role: agent === LEAD ? 'lead' : 'teammate',
    model: spec.model ?? '',
    ...(spec.budgetLimit !== undefined && { limit: spec.budgetLimit }),
    attempts: attemptsOf(workflow, stepOfAgent(agent)),
  });
  return {
    head: {
      name,
      namespace: team.metadata.namespace ?? '',
      phase,
      ...(message !== undefined && { message }),
      ...(limit !== undefined && { limit }),
      createdAt,
      ...(startedAt && { startedAt }),
      ...(finishedAt && { endedAt: finishedAt }),
      rehearsal,
      interrupted,
    },
    ...(paused === 'True' && { paused: true }),
    workflow: workflow.metadata.name ?? name,
    steps,
    members: [
      member(LEAD, team.spec.lead),
      ...team.spec.teammates.map((mate) => member(mate.name, mate)),
    ],
    gates: gateDetails(steps, team.spec.lifecycle.approvalGates ?? [], status.approvals ?? []),
    checks: checks === undefined ? [] : checksIn(checks),
    ...(delivery !== undefined && { delivery }),
    live,
    ...(status.estimatedCost !== undefined && {
      statusCost: { team: status.estimatedCost, agents: costsIn(status) },
    }),
  };
}

function costsIn({ lead, teammates = [] }: AgentTeamStatus): Record<string, string | undefined> {
  const mates = teammates.map(({ name, estimatedCost }) => [name, estimatedCost]);
  return Object.fromEntries([[LEAD, lead?.estimatedCost], ...mates]);
}

function deliveryOf(steps: Steps, { pullRequest }: AgentTeamStatus): DeliveryDetail | undefined {
  const branch = outputOf(steps.get(STEPS.deliver), OUTPUTS.branch);
  if (branch === undefined && pullRequest === undefined) return undefined;
  return {
    ...(branch !== undefined && { branch }),
    ...(pullRequest?.url !== undefined && { url: pullRequest.url }),
    ...(pullRequest?.state !== undefined && { state: pullRequest.state }),
  };
}
