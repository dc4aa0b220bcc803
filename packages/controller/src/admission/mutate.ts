import { isDeepStrictEqual } from 'node:util';
import { AGENT_TEAM, type AgentTeam, type AgentTeamStatus } from '@agentteam/api';
import { ANNOTATIONS } from '@agentteam/contract';
import { authorOf } from '../approvals/author.ts';
import { recordAnswers } from '../approvals/record-answers.ts';
import { recordVotes } from '../approvals/record-votes.ts';
import { specHash } from '../approvals/spec-hash.ts';
import { editorsOf } from '../approvals/votes.ts';
import { newMessageId } from '../people/messages.ts';
import { recordPeople } from '../people/record-people.ts';
import type { AdmissionObject, AdmissionRequest, Verdict } from './review.ts';
import { gatesOf } from './validate-team.ts';

/**
 * Records the author of a team or a run, the answers to gates and to questions of agents, people's messages and
 * pauses. Refuses answers that the user may not give, and messages that no agent can get.
 * @param self the controller's user name. It creates teams on behalf of the authors of runs.
 * @param at the current time, ISO 8601.
 */
export function mutate(
  { kind, object, oldObject, userInfo }: AdmissionRequest,
  self: string,
  at: string,
): Verdict {
  const wanted = object.metadata.annotations ?? {};
  const spec = specHash(object.spec);
  const isSpecChanged = oldObject != null && specHash(oldObject.spec) !== spec;
  const status = statusOf(oldObject);
  const isRunning = status.workflow !== undefined && status.completedAt === undefined;
  const recorded = recordVotes({
    user: userInfo,
    author:
      (userInfo.username === self ? wanted[ANNOTATIONS.author] : undefined) ??
      authorOf(userInfo.username),
    editors: userInfo.username === self ? editorsOf(wanted) : [],
    at,
    before: oldObject == null ? undefined : (oldObject.metadata.annotations ?? {}),
    wanted,
    // The gates before this request: a changed gate applies from the next request on.
    gates: gatesOf((oldObject ?? object).spec),
    gatesAfter: gatesOf(object.spec),
    spec,
    specChanged: isSpecChanged,
    isRunning,
    reopens: (event) => status.completedAt !== undefined && decisionOn(status, event) === 'reject',
    closed: (event) => reasonClosed(status, event, isSpecChanged),
  });
  if ('refused' in recorded) return { allowed: false, code: 403, message: recorded.refused };
  const { warnings } = recorded;
  const { answerers } = questionsOf(oldObject ?? object) ?? {};
  if (isRunning && !isDeepStrictEqual(questionsOf(object)?.answerers, answerers)) {
    return { allowed: false, code: 403, message: ANSWERERS_FIXED };
  }
  const answered = recordAnswers({
    user: userInfo,
    at,
    before: oldObject == null ? undefined : (oldObject.metadata.annotations ?? {}),
    wanted,
    annotations: recorded.annotations,
    questions: status.questions,
    ...(answerers !== undefined && { answerers }),
  });
  if ('refused' in answered) return { allowed: false, code: 403, message: answered.refused };
  const people =
    kind.kind === AGENT_TEAM.kind
      ? recordPeople({
          user: userInfo.username,
          isController: userInfo.username === self,
          now: new Date(at),
          makeId: newMessageId,
          before: oldObject?.metadata.annotations,
          wanted: answered.annotations,
          spec: object.spec,
          status,
        })
      : answered;
  if ('refused' in people) return { allowed: false, code: 403, message: people.refused };
  const { annotations } = people;
  if (isDeepStrictEqual(annotations, wanted)) return { allowed: true, warnings };
  return {
    allowed: true,
    warnings,
    patch: [{ op: 'add', path: '/metadata/annotations', value: annotations }],
  };
}

/** Otherwise everybody who may change the team could add themselves, and answer. */
const ANSWERERS_FIXED =
  'lifecycle.questions.answerers cannot be changed while the team is running: stop the team, or change it for the next run when the team has ended';

/** Why nobody can answer a gate now. */
function reasonClosed(
  status: AgentTeamStatus,
  event: string,
  isSpecChanged: boolean,
): string | undefined {
  const { conditions = [], workflow } = status;
  const decision = decisionOn(status, event);
  if (decision !== undefined) return `the gate is already decided: ${decision}`;
  const changed = conditions.find(({ type }) => type === 'SpecChanged')?.status === 'True';
  return workflow !== undefined && (changed || isSpecChanged)
    ? 'the spec has changed since the run started: restore the spec and answer again, or delete the team and apply it again'
    : undefined;
}

function decisionOn({ approvals = [] }: AgentTeamStatus, event: string): string | undefined {
  return approvals.find((approval) => approval.event === event)?.decision;
}

type Questions = AgentTeam['spec']['lifecycle']['questions'];

function questionsOf({ spec }: AdmissionObject): Questions {
  return (spec as Partial<AgentTeam['spec']> | undefined)?.lifecycle?.questions;
}

function statusOf(object: AdmissionObject | null | undefined): AgentTeamStatus {
  return (object?.status ?? {}) as AgentTeamStatus;
}
