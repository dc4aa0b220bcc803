import type { AgentTeam } from '@agentteam/api';
import type { Workflow } from '@agentteam/argo';
import { ANNOTATIONS, gateStep } from '@agentteam/contract';
import { isGateOpen, stepsOf, teamExitCode } from '@agentteam/status';
import { Failure, usageError } from '../../failure.ts';
import { checkEvent } from '../gates.ts';
import type { DecisionOptions } from '../team-host.ts';

type Approval = NonNullable<NonNullable<AgentTeam['status']>['approvals']>[number];

/** What the status says of a gate that has opened. */
export function approvalOf({ status }: AgentTeam, event: string): Approval | undefined {
  return status?.approvals?.find((approval) => approval.event === event);
}

/** Whether a gate waits for an answer now, and one answer by anybody decides it. */
export function isOpenToAll(team: AgentTeam, event: string): boolean {
  const approval = approvalOf(team, event);
  const gates = team.spec.lifecycle?.approvalGates ?? [];
  const gate = gates.find((candidate) => candidate.event === event);
  const isRestricted =
    gate?.approvers !== undefined ||
    gate?.allowAuthor === false ||
    (gate?.requiredApprovals ?? 1) > 1;
  return approval !== undefined && approval.decision === undefined && !isRestricted;
}

/** An answer that the controller has not acted on yet. */
function answerIn({ metadata }: AgentTeam, event: string): Partial<Approval> | undefined {
  const { annotations = {} } = metadata as { annotations?: Readonly<Record<string, string>> };
  const said = annotations[`${ANNOTATIONS.approvedPrefix}${event}`];
  if (said !== 'true' && said !== 'false') return undefined;
  const by = annotations[`${ANNOTATIONS.byPrefix}${event}`];
  return { decision: said === 'true' ? 'approve' : 'reject', ...(by !== undefined && { by }) };
}

export function alreadyAnswered(
  name: string,
  event: string,
  { decision, by, decidedAt }: Partial<Approval>,
): Failure {
  const whose = by === undefined ? '' : ` (by ${by})`;
  const when = decidedAt === undefined ? '' : ` at ${decidedAt}`;
  return new Failure(
    `${name}: gate ${event} was answered already: ${decision}${whose}${when}`,
    decision === 'reject' ? { wayOut: asksAgain(name) } : {},
  );
}

/** A merge patch of a team. */
export interface AnswerPatch {
  readonly metadata: { readonly annotations: Readonly<Record<string, string | null>> };
}

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
): AnswerPatch {
  const { name } = team.metadata;
  if (by !== undefined) {
    throw usageError(
      '--by is about runs of this machine',
      'In a cluster it is known who you are; --context names another user.',
    );
  }
  checkEvent(name, team, event);
  const before = approvalOf(team, event);
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
  if (before?.decision !== undefined) throw alreadyAnswered(name, event, before);
  const given = answerIn(team, event);
  if (given !== undefined && isOpenToAll(team, event)) throw alreadyAnswered(name, event, given);
  if (team.status !== undefined && teamExitCode(team.status) !== undefined) {
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
