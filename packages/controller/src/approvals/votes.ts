import type { AgentTeam } from '@agentteam/api';
import { ANNOTATIONS, CLI_FIELD_MANAGER, DECISIONS, type Decision } from '@agentteam/contract';
import type { Answer } from '@agentteam/status';

export type Gate = NonNullable<AgentTeam['spec']['lifecycle']['approvalGates']>[number];
type Annotations = Readonly<Record<string, string>>;

/** What one person said to a gate, as the admission webhook heard it. */
export interface Vote {
  readonly user: string;
  readonly decision: Decision;
  /** ISO 8601. */
  readonly at: string;
  readonly reason?: string;
}

/** The votes on a gate, oldest first; one a person. What cannot be read is none. */
export function votesOf(annotations: Annotations, event: string): readonly Vote[] {
  try {
    const votes: unknown = JSON.parse(annotations[`${ANNOTATIONS.votesPrefix}${event}`] ?? '[]');
    return Array.isArray(votes) ? votes.filter(isVote) : [];
  } catch {
    return [];
  }
}

/** Where the webhook does not run anybody may have written anything. */
function isVote(value: unknown): value is Vote {
  const vote = value as Partial<Record<keyof Vote, unknown>> | null;
  return (
    typeof vote?.user === 'string' &&
    typeof vote.at === 'string' &&
    DECISIONS.some((decision) => decision === vote.decision) &&
    (vote.reason === undefined || typeof vote.reason === 'string')
  );
}

/** Whether the gate asks who it is that answers. */
export function isRestricted(gate: Gate): boolean {
  return (
    gate.approvers !== undefined || (gate.requiredApprovals ?? 1) > 1 || gate.allowAuthor === false
  );
}

/** What the votes come to: a rejection is one person's, an approval takes as many as were asked for. */
export function tally(gate: Gate | undefined, votes: readonly Vote[]): Answer | undefined {
  const rejection = votes.find(({ decision }) => decision === 'reject');
  if (rejection !== undefined) return answer('reject', [rejection]);
  const required = gate?.requiredApprovals ?? 1;
  return votes.length >= required && votes.length > 0 ? answer('approve', votes) : undefined;
}

function answer(decision: Decision, votes: readonly Vote[]): Answer {
  const reasons = votes.flatMap(({ reason }) => reason ?? []);
  return {
    decision,
    by: votes.map(({ user }) => user).join(', '),
    ...(reasons.length > 0 && { reason: reasons.join('; ') }),
  };
}

/**
 * The answer to a gate that a team's annotations hold: `approved.…/<event>` of `true` approves,
 * `false` rejects, anything else is none. Where the webhook runs the votes say whose it is; a gate
 * that asks who it is goes by the votes alone. Where it does not, the command line says so itself.
 * @param through the program that wrote the answer.
 */
export function answerTo(
  event: string,
  gate: Gate | undefined,
  annotations: Annotations,
  through: string | undefined,
): Answer | undefined {
  const votes = votesOf(annotations, event);
  if (gate !== undefined && isRestricted(gate)) return tally(gate, votes);
  const said = annotations[`${ANNOTATIONS.approvedPrefix}${event}`];
  if (said !== 'true' && said !== 'false') return undefined;
  const decision = said === 'true' ? 'approve' : 'reject';
  // Of several who did not agree, before the gate opened, the last has said what it is: who was with them.
  const agreeing = votes.filter((vote) => vote.decision === decision);
  const voted = tally(gate, agreeing);
  if (voted !== undefined) return voted;
  const reason = annotations[`${ANNOTATIONS.reasonPrefix}${event}`];
  const named = annotations[`${ANNOTATIONS.byPrefix}${event}`];
  const by = (through === CLI_FIELD_MANAGER ? named : undefined) ?? 'annotation';
  return { decision, by, ...(reason !== undefined && { reason }) };
}
