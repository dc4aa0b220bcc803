import { isDeepStrictEqual } from 'node:util';
import { recordVotes } from '../approvals/record-votes.ts';
import { type AdmissionRequest, ALLOWED, type Verdict } from './review.ts';
import { gatesOf } from './validate-team.ts';

/** Writes down who made a team and who answers its gates, and refuses who may not. */
export function mutateTeam({ object, oldObject, userInfo }: AdmissionRequest, at: string): Verdict {
  const wanted = object.metadata.annotations ?? {};
  const recorded = recordVotes({
    user: userInfo,
    at,
    before: oldObject == null ? undefined : (oldObject.metadata.annotations ?? {}),
    wanted,
    // Those that the team was made with: what changes in one request counts from the next on.
    gates: gatesOf((oldObject ?? object).spec),
  });
  if ('refused' in recorded) return { allowed: false, code: 403, message: recorded.refused };
  const { annotations } = recorded;
  if (isDeepStrictEqual(annotations, wanted)) return ALLOWED;
  return {
    allowed: true,
    patch: [{ op: 'add', path: '/metadata/annotations', value: annotations }],
  };
}
