import { unopenable } from '../approvals/record-votes.ts';
import type { Gate } from '../approvals/votes.ts';
import { type AdmissionRequest, ALLOWED, type Verdict } from './review.ts';
import { invalid } from './reviewed.ts';

/**
 * Refuses what would wait at a gate that nobody could ever open: one that its author may not approve,
 * where it is not known which person the author is. Better now than after money was spent.
 */
export function refuseUnopenable(
  object: AdmissionRequest['object'],
  gates: readonly Gate[],
  authors: readonly string[],
): Verdict {
  const closed = unopenable(gates, authors);
  if (closed.length === 0) return ALLOWED;
  return invalid(
    object,
    closed.map(({ event }) => ({
      code: 'unknown-author',
      path: [
        ...['spec', 'lifecycle', 'approvalGates'],
        gates.findIndex((gate) => gate.event === event),
        'allowAuthor',
      ],
      message: `the author may not approve \`${event}\`, and a service account makes or changes this: nobody can tell which person is behind it`,
      hint: 'have a person do it; or, instead of allowAuthor: false, let requiredApprovals ask for one approval more',
    })),
  );
}
