import { isDeepStrictEqual } from 'node:util';
import { ANNOTATIONS } from '@agentteam/contract';
import { recordVotes } from '../approvals/record-votes.ts';
import { type AdmissionRequest, ALLOWED, type Verdict } from './review.ts';
import { gatesOf } from './validate-team.ts';

/**
 * Writes down who made a team or a run and who answers gates, and refuses who may not.
 * @param self the controller's own user name: it makes teams for those who made runs.
 */
export function mutate(
  { object, oldObject, userInfo }: AdmissionRequest,
  self: string,
  at: string,
): Verdict {
  const wanted = object.metadata.annotations ?? {};
  const recorded = recordVotes({
    user: userInfo,
    author:
      (userInfo.username === self ? wanted[ANNOTATIONS.author] : undefined) ?? userInfo.username,
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
