import type { AgentTeam } from '@agentteam/api';
import type { Workflow } from '@agentteam/argo';
import { ANNOTATIONS, gateStep } from '@agentteam/contract';
import { isGateOpen, outcome, stepsOf } from '@agentteam/status';
import { Failure, usageError } from '../../failure.ts';
import { checkEvent } from '../gates.ts';
import type { DecisionOptions } from '../team-host.ts';

/**
 * The answer to a gate as the annotations that the controller reads. A gate that is not open yet is
 * answered in advance.
 * @param who whom the API server takes the caller for: recorded where no admission webhook does.
 * @throws Failure for a gate that the team does not have, that was answered, or that was stopped.
 */
export function approvalPatch(
  team: AgentTeam,
  workflow: Workflow | undefined,
  event: string,
  { decision, by, reason }: DecisionOptions,
  who: string | undefined,
): object {
  const { name } = team.metadata;
  if (by !== undefined) {
    throw usageError(
      '--by is about runs of this machine',
      'In a cluster it is known who you are; --context names another user.',
    );
  }
  checkEvent(name, team, event);
  const before = team.status?.approvals?.find((approval) => approval.event === event);
  if (before?.via === 'timeout') {
    throw new Failure(`${name}: nobody answered gate ${event} in time, which ended it`, {
      wayOut: asksAgain(name),
    });
  }
  if (before?.attempted !== undefined && before.via === 'argo') {
    throw new Failure(`${name}: gate ${event} was ended without its approvers' decision`, {
      wayOut: asksAgain(name),
    });
  }
  if (before?.decision !== undefined) {
    const whose = before.by === undefined ? '' : ` (by ${before.by})`;
    const wayOut = before.decision === 'reject' ? { wayOut: asksAgain(name) } : {};
    throw new Failure(
      `${name}: gate ${event} was answered already: ${before.decision}${whose}`,
      wayOut,
    );
  }
  if (team.status !== undefined && outcome(team.status).exitCode !== undefined) {
    throw new Failure(`${name} has ended: gate ${event} needs no answer any more`);
  }
  const gate = workflow && stepsOf(workflow).get(gateStep(event));
  if (gate !== undefined && !isGateOpen(gate) && gate.node.phase !== 'Pending') {
    const why = gate.node.message ?? 'Argo has not recorded an answer';
    throw new Failure(`${name}: gate ${event} is ${gate.node.phase}: ${why}`);
  }
  return {
    metadata: {
      annotations: {
        [`${ANNOTATIONS.approvedPrefix}${event}`]: String(decision === 'approve'),
        [`${ANNOTATIONS.reasonPrefix}${event}`]: reason === '' ? null : reason,
        [`${ANNOTATIONS.byPrefix}${event}`]: who ?? null,
      },
    },
  };
}

function asksAgain(name: string): string {
  return `agentteam retry ${name}   asks again, once the team has ended.`;
}
