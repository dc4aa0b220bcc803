import { gatesWithoutApprover } from '../approvals/record-votes.ts';
import type { Gate } from '../approvals/votes.ts';
import { invalid } from './object.ts';
import { type AdmissionRequest, ALLOWED, type Verdict } from './review.ts';

/**
 * Refuses an object with a gate that nobody can approve, because authors may not approve it and a service
 * account is the author. Otherwise the team would spend money before it waits forever.
 */
export function refuseUnapprovable(
  object: AdmissionRequest['object'],
  gates: readonly Gate[],
  authors: readonly string[],
): Verdict {
  const refused = gatesWithoutApprover(gates, authors);
  if (refused.length === 0) return ALLOWED;
  return invalid(
    object,
    refused.map(({ event }) => ({
      code: 'unknown-author',
      path: [
        ...['spec', 'lifecycle', 'approvalGates'],
        gates.findIndex((gate) => gate.event === event),
        'allowAuthor',
      ],
      message: `nobody can approve \`${event}\`: authors may not, and the author of this object is unknown, because a service account creates or changes it`,
      hint: 'create or change it as a person; or remove allowAuthor: false and raise requiredApprovals by one',
    })),
  );
}
