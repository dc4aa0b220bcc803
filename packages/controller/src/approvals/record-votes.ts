import { ANNOTATIONS, isRestricted } from '@agentteam/contract';
import { authorOf } from './author.ts';
import {
  authorsOf,
  editorsOf,
  type Gate,
  hasSameRules,
  isUnknown,
  subjectOf,
  tally,
  UNKNOWN_AUTHOR,
  type Vote,
  votesOf,
} from './votes.ts';

type Annotations = Readonly<Record<string, string>>;

/** The user of a request, as the API server authenticated them. */
export interface User {
  readonly username: string;
  readonly groups?: readonly string[];
}

/** A request that writes a team or a run. */
export interface AnnotationChange {
  readonly user: User;
  /** The author, if the request creates the object. */
  readonly author: string | undefined;
  /** The people who changed the run of which the request creates the team. */
  readonly editors?: readonly string[];
  /** ISO 8601. */
  readonly at: string;
  /** The annotations before the request; undefined if it creates the object. */
  readonly before: Annotations | undefined;
  /** The annotations in the request. */
  readonly wanted: Annotations;
  readonly gates: readonly Gate[];
  /** The gates that the request leaves. A vote is for them, and they may have other approvers. */
  readonly gatesAfter: readonly Gate[];
  /** Hash of the spec after the request. */
  readonly spec: string;
  /** Whether the request changes the spec. */
  readonly specChanged: boolean;
  /**
   * Whether the team is running. The run keeps its spec, and with it the answers, but a retry gets the new spec.
   */
  readonly isRunning: boolean;
  /** Whether removing the answer to a gate opens it again: it was rejected, and the team has ended. */
  readonly reopens?: (event: string) => boolean;
  /** Why nobody can answer a gate now, as a message for the user; undefined if people can. */
  readonly closed?: (event: string) => string | undefined;
}

export type RecordResult =
  | { readonly annotations: Annotations; readonly warnings: readonly string[] }
  /** A message for the user. */
  | { readonly refused: string };

/**
 * Computes a team's annotations after a request. It checks that the user may answer a gate, and records
 * each answer as a vote with the user, the reason and the spec. While more approvals are required, it
 * removes the answer again, so that the next person can give theirs. Only this function writes the
 * annotations that name authors and voters: those in the request are ignored.
 */
export function recordVotes(change: AnnotationChange): RecordResult {
  const { before, wanted } = change;
  const author = before === undefined ? change.author : before[ANNOTATIONS.author];
  const annotations: Record<string, string> = Object.fromEntries(
    Object.entries(wanted).filter(
      ([name]) => !AUTHOR_ANNOTATIONS.includes(name) && !name.startsWith(ANNOTATIONS.votesPrefix),
    ),
  );
  if (author !== undefined) annotations[ANNOTATIONS.author] = author;
  const editors = editorsNow(change, author);
  if (editors.length > 0) annotations[ANNOTATIONS.editors] = JSON.stringify(editors);
  // Changes of the team are validated against this template, so a request cannot remove it.
  const template = before?.[ANNOTATIONS.template];
  if (template !== undefined) annotations[ANNOTATIONS.template] = template;
  for (const [name, value] of Object.entries(before ?? {})) {
    if (name.startsWith(ANNOTATIONS.votesPrefix)) annotations[name] = value;
  }
  // The votes from before would decide the gate again at once.
  for (const { event } of change.gates.filter((gate) => isWithdrawn(gate.event, change))) {
    delete annotations[`${ANNOTATIONS.votesPrefix}${event}`];
  }
  const warnings =
    change.specChanged && !change.isRunning ? withdrawAnswers(annotations, change) : [];
  for (const [name, value] of Object.entries(wanted)) {
    if (!name.startsWith(ANNOTATIONS.approvedPrefix) || value === before?.[name]) continue;
    const event = name.slice(ANNOTATIONS.approvedPrefix.length);
    const refused = recordVote(annotations, event, value, change);
    if (refused !== undefined) return { refused };
  }
  return { annotations, warnings };
}

/** Whether the request removes the answer to a gate that opens again. */
function isWithdrawn(event: string, { before, wanted, reopens }: AnnotationChange): boolean {
  const name = `${ANNOTATIONS.approvedPrefix}${event}`;
  const isRemoved = before?.[name] !== undefined && wanted[name] === undefined;
  return isRemoved && reopens?.(event) === true;
}

const AUTHOR_ANNOTATIONS: readonly string[] = [ANNOTATIONS.author, ANNOTATIONS.editors];

/** The people who changed the spec, including the user of this request. Each of them becomes an author. */
function editorsNow(
  { user, before, editors = [], specChanged }: AnnotationChange,
  author: string | undefined,
): readonly string[] {
  const known = before === undefined ? editors : editorsOf(before);
  const editor = authorOf(user.username);
  return specChanged && editor !== author && !known.includes(editor) ? [...known, editor] : known;
}

/** @returns why the vote is refused. */
function recordVote(
  annotations: Record<string, string>,
  event: string,
  value: string,
  { user, at, before, wanted, gates, gatesAfter, spec, closed }: AnnotationChange,
): string | undefined {
  const gate = gates.find((candidate) => candidate.event === event);
  if (gate === undefined) return unknownGate(event, gates);
  const after = gatesAfter.find((candidate) => candidate.event === event);
  if (after === undefined || !hasSameRules(gate, after)) {
    return `${event}: this request also changes who may answer the gate. Answer it in a request of its own`;
  }
  const name = `${ANNOTATIONS.approvedPrefix}${event}`;
  if (value !== 'true' && value !== 'false') {
    return `${name} is "${value}": expected "true" to approve or "false" to reject`;
  }
  const decision = value === 'true' ? 'approve' : 'reject';
  const objection = closed?.(event) ?? objectionTo(user, gate, decision, annotations);
  if (objection !== undefined) return `${event}: ${objection}`;
  const reasonName = `${ANNOTATIONS.reasonPrefix}${event}`;
  const reason = wanted[reasonName];
  const vote: Vote = {
    user: user.username,
    decision,
    at,
    spec,
    // An earlier reason belongs to another person or another vote.
    ...(reason !== undefined && reason !== before?.[reasonName] && { reason }),
  };
  const votes = [...votesOf(annotations, event).filter((one) => one.user !== vote.user), vote];
  annotations[`${ANNOTATIONS.votesPrefix}${event}`] = JSON.stringify(votes);
  // The vote contains the reason. Left here, it would count for the next voter.
  delete annotations[reasonName];
  const subject = subjectOf(annotations, spec);
  if (tally(gate, votes, subject) === undefined) delete annotations[name];
  return undefined;
}

/**
 * Removes the answers to the earlier spec, so that everyone can answer again. The votes remain as a
 * record; each names its spec.
 * @returns warnings for the user.
 */
function withdrawAnswers(
  annotations: Record<string, string>,
  { before = {}, wanted, gates, spec }: AnnotationChange,
): readonly string[] {
  return gates.flatMap(({ event }) => {
    for (const prefix of [
      ANNOTATIONS.approvedPrefix,
      ANNOTATIONS.reasonPrefix,
      ANNOTATIONS.byPrefix,
    ]) {
      const name = `${prefix}${event}`;
      if (wanted[name] === before[name]) delete annotations[name];
    }
    const voided = votesOf(before, event).filter((vote) => vote.spec !== spec);
    if (voided.length === 0) return [];
    const who = voided.map(({ user }) => user).join(', ');
    return [
      `${event}: the answers of ${who} no longer count, because they are for the earlier spec`,
    ];
  });
}

function unknownGate(event: string, gates: readonly Gate[]): string {
  const known = gates.map((gate) => gate.event).join(', ');
  return `no gate is named ${event}; ${known === '' ? 'the team has no gates' : `gates of the team: ${known}`}`;
}

function objectionTo(
  user: User,
  gate: Gate,
  decision: Vote['decision'],
  annotations: Annotations,
): string | undefined {
  const { approvers, allowAuthor } = gate;
  if (approvers !== undefined) {
    const { users = [], groups = [] } = approvers;
    const named = users.includes(user.username);
    if (!named && !groups.some((group) => user.groups?.includes(group))) {
      const who = [...users, ...groups.map((group) => `group ${group}`)].join(', ');
      return `${user.username} is not an approver of this gate (${who})`;
    }
  }
  // It acts for anybody who can use it, so its vote could be a second one of the author or of another voter.
  const isProgram = authorOf(user.username) === UNKNOWN_AUTHOR;
  if (isRestricted(gate) && approvers === undefined && isProgram && decision === 'approve') {
    return `${user.username} is a service account and not a person; to let it approve, name it in the approvers of this gate`;
  }
  if (allowAuthor !== false) return undefined;
  const authors = authorsOf(annotations);
  if (isUnknown(authors)) {
    return decision === 'reject'
      ? undefined
      : 'nobody can approve this gate, because authors may not approve and a service account created or changed the team. Reject it, and let a person create the team';
  }
  if (!authors.includes(user.username)) return undefined;
  const isCreator = annotations[ANNOTATIONS.author] === user.username;
  return `${user.username} ${isCreator ? 'created the team' : "changed the team's spec"} and may not answer this gate`;
}

/** The gates that nobody can ever approve, because authors may not approve and an author is unknown. */
export function gatesWithoutApprover(
  gates: readonly Gate[],
  authors: readonly string[],
): readonly Gate[] {
  if (!isUnknown(authors)) return [];
  return gates.filter((gate) => isRestricted(gate) && gate.allowAuthor === false);
}
