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
  /** Given in the same request. */
  readonly reason?: string;
  /** Digest of the spec that the team had then: what was approved. */
  readonly spec?: string;
}

/** The votes on a gate, oldest first; one for each person. What cannot be read is left out. */
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
    (vote.reason === undefined || typeof vote.reason === 'string') &&
    (vote.spec === undefined || typeof vote.spec === 'string')
  );
}

/** Written as the author of a team where nobody can tell which person is behind it. */
export const UNKNOWN_AUTHOR = 'unknown';

/** What votes are counted against. */
export interface Ballot {
  /** Who made the team, and who changed its spec before it started; `unknown`: nobody can tell. */
  readonly authors: readonly string[];
  /** Digest of the spec that is to be approved. Votes of people who saw another one do not count. */
  readonly spec: string;
}

/** The ballot of a team: its annotations, and the spec that its run was made of. */
export function ballotOf(annotations: Annotations, spec: string): Ballot {
  return { authors: authorsOf(annotations), spec };
}

/** Everybody whose words the spec of a team is: who made the team, and who changed it before it started. */
export function authorsOf(annotations: Annotations): readonly string[] {
  return [annotations[ANNOTATIONS.author] ?? UNKNOWN_AUTHOR, ...editorsOf(annotations)];
}

/** Who changed the spec of a team, or of the run that it was made from, before it started. */
export function editorsOf(annotations: Annotations): readonly string[] {
  const text = annotations[ANNOTATIONS.editors];
  if (text === undefined) return [];
  try {
    const names: unknown = JSON.parse(text);
    if (Array.isArray(names) && names.every((name) => typeof name === 'string')) return names;
  } catch {
    // Where the webhook does not run anybody may have written anything.
  }
  return [UNKNOWN_AUTHOR];
}

/** Whether nobody can tell which person an author is: then anybody may be that person. */
export function isUnknown(authors: readonly string[]): boolean {
  return authors.includes(UNKNOWN_AUTHOR);
}

/**
 * What the votes on a gate come to: a rejection is one person's, an approval takes as many as the gate
 * asks for. Where the author may not approve, and nobody can tell who the author is, nobody can.
 */
export function tally(
  gate: Gate | undefined,
  votes: readonly Vote[],
  { authors, spec }: Ballot,
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

/** People whose votes on a gate are for another spec than the one that is to be approved. */
export function voidedVotes(annotations: Annotations, event: string, spec: string): string[] {
  return votesOf(annotations, event)
    .filter((vote) => vote.spec !== spec)
    .map(({ user }) => user);
}

/**
 * The answer that a team's annotations hold to a gate where it does not matter who answers:
 * `approved.…/<event>` of `true` approves, and `false` rejects. Where the webhook runs the votes say
 * whose answer that is and which spec it was about. Where it does not, the command line says who answers.
 * @param through the program that wrote the answer.
 * @param spec digest of the spec that the run was made of.
 */
export function answerTo(
  event: string,
  annotations: Annotations,
  through: string | undefined,
  spec: string,
): Answer | undefined {
  const said = annotations[`${ANNOTATIONS.approvedPrefix}${event}`];
  if (said !== 'true' && said !== 'false') return undefined;
  const decision = said === 'true' ? 'approve' : 'reject';
  // Of several who did not agree before the gate opened, the last one's answer stands: name those who agreed.
  const agreeing = votesOf(annotations, event).filter((vote) => vote.decision === decision);
  const voted = tally(undefined, agreeing, ballotOf(annotations, spec));
  if (voted !== undefined || agreeing.length > 0) return voted;
  const reason = annotations[`${ANNOTATIONS.reasonPrefix}${event}`];
  const named = annotations[`${ANNOTATIONS.byPrefix}${event}`];
  const by = (through === CLI_FIELD_MANAGER ? named : undefined) ?? 'annotation';
  return { decision, by, ...(reason !== undefined && { reason }) };
}
