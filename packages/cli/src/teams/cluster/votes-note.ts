import type { AgentTeam } from '@agentteam/api';
import { ANNOTATIONS } from '@agentteam/contract';

/** A vote as the admission webhook records it. */
interface Vote {
  readonly user: string;
  readonly decision: string;
  readonly spec?: string;
}

/**
 * Explains the effect of an answer: how many approvals are missing, and whose answers do not count
 * because the spec has changed since.
 * @param team as the API server returned it for the answer.
 * @returns undefined when the answer decides the gate, or no webhook records votes.
 */
export function votesNote({ metadata, spec }: AgentTeam, event: string): string | undefined {
  const { annotations = {} } = metadata as { annotations?: Readonly<Record<string, string>> };
  const votes = votesIn(annotations[`${ANNOTATIONS.votesPrefix}${event}`]);
  // The webhook appends the newest vote.
  const own = votes.at(-1);
  if (own === undefined) return undefined;
  const gate = spec.lifecycle?.approvalGates?.find((candidate) => candidate.event === event);
  const required = gate?.requiredApprovals ?? 1;
  const counted = votes.filter((vote) => vote.spec === own.spec);
  const voided = votes.filter((vote) => vote.spec !== own.spec);
  const missing = own.decision === 'approve' ? required - counted.length : 0;
  const notes = [
    ...(missing > 0 ? [`${counted.length} of ${required} approvals; ${missing} more needed`] : []),
    ...(voided.length > 0
      ? [
          `the answers of ${voided.map(({ user }) => user).join(', ')} do not count, because the spec has changed since`,
        ]
      : []),
  ];
  return notes.length === 0 ? undefined : notes.join('; ');
}

function votesIn(text = '[]'): readonly Vote[] {
  try {
    const votes: unknown = JSON.parse(text);
    return Array.isArray(votes) ? votes.filter((vote) => typeof vote?.user === 'string') : [];
  } catch {
    return [];
  }
}
