import type { AgentTeam } from '@agentteam/api';
import type { Workflow } from '@agentteam/argo';
import { ANNOTATIONS, gateStep } from '@agentteam/contract';
import { isGateOpen, stepsOf, teamExitCode } from '@agentteam/status';
import { Failure, usageError } from '../../failure.ts';
import { checkEvent } from '../gates.ts';
import type { DecisionOptions } from '../team-host.ts';

type Approval = NonNullable<NonNullable<AgentTeam['status']>['approvals']>[number];

/** The entry in the status for a gate that has opened. */
export function approvalOf({ status }: AgentTeam, event: string): Approval | undefined {
  return status?.approvals?.find((approval) => approval.event === event);
}

/** Whether a gate is open and one answer from any person decides it. */
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

/** The answer in the annotations, which the controller may not have acted on yet. */
function answerIn({ metadata }: AgentTeam, event: string): Partial<Approval> | undefined {
  const { annotations = {} } = metadata as { annotations?: Readonly<Record<string, string>> };
  const approved = annotations[`${ANNOTATIONS.approvedPrefix}${event}`];
  if (approved !== 'true' && approved !== 'false') return undefined;
  const by = annotations[`${ANNOTATIONS.byPrefix}${event}`];
  return { decision: approved === 'true' ? 'approve' : 'reject', ...(by !== undefined && { by }) };
}

export function alreadyAnswered(
  name: string,
  event: string,
  { decision, by, decidedAt }: Partial<Approval>,
): Failure {
  const answer = decision === 'approve' ? 'approved' : 'rejected';
  const person = by === undefined ? '' : ` by ${by}`;
  const when = decidedAt === undefined ? '' : ` at ${decidedAt}`;
  return new Failure(
    `${name}: gate ${event} was already ${answer}${person}${when}`,
    decision === 'reject' ? { hint: retryHint(name) } : {},
  );
}

/** A merge patch for a team. */
export interface AnswerPatch {
  readonly metadata: { readonly annotations: Readonly<Record<string, string | null>> };
}

/**
 * Makes the annotations through which the controller receives the answer to a gate. A gate that is not
 * open yet can be answered in advance.
 * @param who name of the caller in the API server; recorded where no admission webhook records it.
 * @throws Failure when the gate does not exist, was already answered, or was stopped.
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
      '--by applies only to runs on this machine',
      'On a cluster your identity comes from your kubeconfig; use --context to act as another user.',
    );
  }
  checkEvent(name, team, event);
  const before = approvalOf(team, event);
  if (before?.via === 'timeout') {
    throw new Failure(`${name}: gate ${event} was not answered in time and has ended`, {
      hint: retryHint(name),
    });
  }
  if (before?.attempted !== undefined && before.via === 'argo') {
    throw new Failure(`${name}: gate ${event} was ended without a decision by its approvers`, {
      hint: retryHint(name),
    });
  }
  if (before?.decision !== undefined) throw alreadyAnswered(name, event, before);
  const given = answerIn(team, event);
  if (given !== undefined && isOpenToAll(team, event)) throw alreadyAnswered(name, event, given);
  if (team.status !== undefined && teamExitCode(team.status) !== undefined) {
    throw new Failure(`${name} has ended, so gate ${event} no longer needs an answer`);
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

function retryHint(name: string): string {
  return `To open the gate again after the team has ended, run: agentteam retry ${name}`;
}
