import { isDeepStrictEqual } from 'node:util';
import type { AgentTeamStatus } from '@agentteam/api';
import { ANNOTATIONS } from '@agentteam/contract';
import { authorOf } from '../approvals/author.ts';
import { recordVotes } from '../approvals/record-votes.ts';
import { specHash } from '../approvals/spec-hash.ts';
import { editorsOf } from '../approvals/votes.ts';
import type { AdmissionRequest, Reviewed, Verdict } from './review.ts';
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
  const spec = specHash(object.spec);
  const isOther = oldObject != null && specHash(oldObject.spec) !== spec;
  const status = statusOf(oldObject);
  const recorded = recordVotes({
    user: userInfo,
    author:
      (userInfo.username === self ? wanted[ANNOTATIONS.author] : undefined) ??
      authorOf(userInfo.username),
    editors: userInfo.username === self ? editorsOf(wanted) : [],
    at,
    before: oldObject == null ? undefined : (oldObject.metadata.annotations ?? {}),
    wanted,
    // Those that the team was made with: what changes in one request counts from the next on.
    gates: gatesOf((oldObject ?? object).spec),
    spec,
    respecified: isOther && (status.workflow === undefined || status.completedAt !== undefined),
    reopens: (event) => status.completedAt !== undefined && decisionOn(status, event) === 'reject',
    closed: (event) => whyClosed(status, event, isOther),
  });
  if ('refused' in recorded) return { allowed: false, code: 403, message: recorded.refused };
  const { annotations, warnings } = recorded;
  if (isDeepStrictEqual(annotations, wanted)) return { allowed: true, warnings };
  return {
    allowed: true,
    warnings,
    patch: [{ op: 'add', path: '/metadata/annotations', value: annotations }],
  };
}

/** Why nobody can vote on a gate as the team is now. */
function whyClosed(status: AgentTeamStatus, event: string, isOther: boolean): string | undefined {
  const { conditions = [], workflow } = status;
  const decision = decisionOn(status, event);
  if (decision !== undefined) return `it was decided already: ${decision}`;
  const changed = conditions.find(({ type }) => type === 'SpecChanged')?.status === 'True';
  return workflow !== undefined && (changed || isOther)
    ? 'the run goes on with the spec that it began with, and this is another: put the spec back and answer again, or delete the team and apply it again'
    : undefined;
}

function decisionOn({ approvals = [] }: AgentTeamStatus, event: string): string | undefined {
  return approvals.find((approval) => approval.event === event)?.decision;
}

function statusOf(object: Reviewed | null | undefined): AgentTeamStatus {
  return (object?.status ?? {}) as AgentTeamStatus;
}
