import { isDeepStrictEqual } from 'node:util';
import type { AgentTeam } from '@agentteam/api';
import { ANNOTATIONS, CLI_FIELD_MANAGER, DECISIONS, type Decision } from '@agentteam/contract';
import type { Answer } from '@agentteam/status';

export type Gate = NonNullable<AgentTeam['spec']['lifecycle']['approvalGates']>[number];
type Annotations = Readonly<Record<string, string>>;

/** Whether two gates have the same rules on who may decide. */
export function hasSameRules(one: Gate, other: Gate): boolean {
  const rules = ({ approvers, requiredApprovals, allowAuthor }: Gate) => ({
    approvers,
    requiredApprovals,
    allowAuthor,
  });
  return isDeepStrictEqual(rules(one), rules(other));
}

/** The answer of one person to a gate, as the admission webhook recorded it. */
export interface Vote {
  readonly user: string;
  readonly decision: Decision;
  /** ISO 8601. */
  readonly at: string;
  /** The reason that the same request gave. */
  readonly reason?: string;
  /** Hash of the team's spec at the time of the vote. */
  readonly spec?: string;
}

/** The votes on a gate, oldest first, one per person. Malformed votes are omitted. */
export function votesOf(annotations: Annotations, event: string): readonly Vote[] {
  try {
    const votes: unknown = JSON.parse(annotations[`${ANNOTATIONS.votesPrefix}${event}`] ?? '[]');
    return Array.isArray(votes) ? votes.filter(isVote) : [];
  } catch {
    return [];
  }
}

/** Without the webhook anybody can write the annotation. */
function isVote(value: unknown): value is Vote {
  const vote = value as Partial<Record<keyof Vote, unknown>> | null;
  return (
    typeof vote?.user === 'string' &&
    typeof vote.at === 'string' &&
    DECISIONS.some((decision) => decision === vote.decision) &&
    (vote.reason === undefined || typeof vote.reason === 'string') &&
    (vote.spec === undefined || typeof vote.spec === 'string')
  );
}

/** Author of a team that a service account has created. */
export const UNKNOWN_AUTHOR = 'unknown';

/** What a vote approves. */
export interface ApprovalSubject {
  /** The people who created the team or changed its spec, or `unknown`. */
  readonly authors: readonly string[];
  /** Hash of the spec to approve. Votes for another spec do not count. */
  readonly spec: string;
}

/** @param spec hash of the spec from which the run was compiled. */
export function subjectOf(annotations: Annotations, spec: string): ApprovalSubject {
  return { authors: authorsOf(annotations), spec };
}

/** The people who created a team or changed its spec, or `unknown`. */
export function authorsOf(annotations: Annotations): readonly string[] {
  return [annotations[ANNOTATIONS.author] ?? UNKNOWN_AUTHOR, ...editorsOf(annotations)];
}

/** The people who changed the spec of a team, or of its run before the team was created. */
export function editorsOf(annotations: Annotations): readonly string[] {
  const text = annotations[ANNOTATIONS.editors];
  if (text === undefined) return [];
  try {
    const names: unknown = JSON.parse(text);
    if (Array.isArray(names) && names.every((name) => typeof name === 'string')) return names;
  } catch {
    // Without the webhook anybody can write the annotation.
  }
  return [UNKNOWN_AUTHOR];
}

/** Whether one of the authors is unknown, so that anybody may be an author. */
export function isUnknown(authors: readonly string[]): boolean {
  return authors.includes(UNKNOWN_AUTHOR);
}

/**
 * Counts the votes on a gate. One rejection rejects; an approval needs `requiredApprovals` votes. If
 * authors may not approve and an author is unknown, nobody can approve.
 */
export function tally(
  gate: Gate | undefined,
  votes: readonly Vote[],
  { authors, spec }: ApprovalSubject,
): Answer | undefined {
  const counted = votes.filter(
    (vote) => vote.spec === spec && (gate?.allowAuthor !== false || !authors.includes(vote.user)),
  );
  const rejection = counted.find(({ decision }) => decision === 'reject');
  if (rejection !== undefined) return answer('reject', [rejection]);
  if (gate?.allowAuthor === false && isUnknown(authors)) return undefined;
  const required = gate?.requiredApprovals ?? 1;
  return counted.length >= required && counted.length > 0 ? answer('approve', counted) : undefined;
}

function answer(decision: Decision, votes: readonly Vote[]): Answer {
  const reasons = votes.flatMap(({ reason }) => reason ?? []);
  return {
    decision,
    by: votes.map(({ user }) => user).join(', '),
    ...(reasons.length > 0 && { reason: reasons.join('; ') }),
  };
}

/** The people whose votes on a gate are for another spec. */
export function voidedVotes(annotations: Annotations, event: string, spec: string): string[] {
  return votesOf(annotations, event)
    .filter((vote) => vote.spec !== spec)
    .map(({ user }) => user);
}

/**
 * The answer to a gate without approvers: the annotation `approved.…/<event>` is `true` or `false`. With
 * the webhook, the votes name the person and the spec. Without it, the command line names the person.
 * @param manager the field manager that wrote the answer.
 * @param spec hash of the spec from which the run was compiled.
 */
export function answerTo(
  event: string,
  annotations: Annotations,
  manager: string | undefined,
  spec: string,
): Answer | undefined {
  const value = annotations[`${ANNOTATIONS.approvedPrefix}${event}`];
  if (value !== 'true' && value !== 'false') return undefined;
  const decision = value === 'true' ? 'approve' : 'reject';
  // People may have disagreed before the gate opened. The last answer counts: name those who agree with it.
  const agreeing = votesOf(annotations, event).filter((vote) => vote.decision === decision);
  const voted = tally(undefined, agreeing, subjectOf(annotations, spec));
  if (voted !== undefined || agreeing.length > 0) return voted;
  const reason = annotations[`${ANNOTATIONS.reasonPrefix}${event}`];
  const named = annotations[`${ANNOTATIONS.byPrefix}${event}`];
  const by = (manager === CLI_FIELD_MANAGER ? named : undefined) ?? 'annotation';
  return { decision, by, ...(reason !== undefined && { reason }) };
}
