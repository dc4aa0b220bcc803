import { ANNOTATIONS, isRestricted } from '@agentteam/contract';
import { authorOf } from './author.ts';
import {
  authorsOf,
  ballotOf,
  editorsOf,
  type Gate,
  isUnknown,
  tally,
  type Vote,
  votesOf,
} from './votes.ts';

type Annotations = Readonly<Record<string, string>>;

/** Who makes a request, as the API server authenticated them. */
export interface User {
  readonly username: string;
  readonly groups?: readonly string[];
}

export interface Writing {
  readonly user: User;
  /** Who counts as author of an object that is being made. */
  readonly author: string | undefined;
  /** Of the run that it is made from, who changed that. */
  readonly editors?: readonly string[];
  /** ISO 8601. */
  readonly at: string;
  /** Of the object as it was; absent when it is being made. */
  readonly before: Annotations | undefined;
  /** Of the object as the user wants it. */
  readonly wanted: Annotations;
  readonly gates: readonly Gate[];
  /** Digest of the spec that the request leaves behind. */
  readonly spec: string;
  /**
   * Whether the request changes the spec of a team that has not started, or that has ended and may be retried
   * with it: nothing of that spec was approved yet.
   */
  readonly respecified: boolean;
  /** Whether a gate was decided against in a team that has ended: taking its answer back asks anew. */
  readonly reopens?: (event: string) => boolean;
  /** Why nobody can vote now, for the user to read; absent: people can. */
  readonly closed?: (event: string) => string | undefined;
}

export type Recorded =
  | { readonly annotations: Annotations; readonly warnings: readonly string[] }
  /** For the user to read. */
  | { readonly refused: string };

/**
 * What a team's annotations become when somebody writes them. Answers to gates are checked against
 * who may give them, and are kept as votes: who gave them, why, and which spec they saw. While more
 * people must approve, the answer itself is taken away again, so that the next one can give theirs.
 * Who made the team, who changed it and who voted is written here alone, whatever the request says. Pure.
 */
export function recordVotes(writing: Writing): Recorded {
  const { before, wanted } = writing;
  const author = before === undefined ? writing.author : before[ANNOTATIONS.author];
  const annotations: Record<string, string> = Object.fromEntries(
    Object.entries(wanted).filter(
      ([name]) => !WRITTEN_HERE.includes(name) && !name.startsWith(ANNOTATIONS.votesPrefix),
    ),
  );
  if (author !== undefined) annotations[ANNOTATIONS.author] = author;
  const editors = editorsNow(writing, author);
  if (editors.length > 0) annotations[ANNOTATIONS.editors] = JSON.stringify(editors);
  // By it the rules are found that changes of the team are held to.
  const template = before?.[ANNOTATIONS.template];
  if (template !== undefined) annotations[ANNOTATIONS.template] = template;
  for (const [name, value] of Object.entries(before ?? {})) {
    if (name.startsWith(ANNOTATIONS.votesPrefix)) annotations[name] = value;
  }
  // The votes of the opening before would end the next one at once.
  for (const { event } of writing.gates.filter((gate) => isTakenBack(gate.event, writing))) {
    delete annotations[`${ANNOTATIONS.votesPrefix}${event}`];
  }
  const warnings = writing.respecified ? withdrawAnswers(annotations, writing) : [];
  for (const [name, value] of Object.entries(wanted)) {
    if (!name.startsWith(ANNOTATIONS.approvedPrefix) || value === before?.[name]) continue;
    const event = name.slice(ANNOTATIONS.approvedPrefix.length);
    const refused = recordVote(annotations, event, value, writing);
    if (refused !== undefined) return { refused };
  }
  return { annotations, warnings };
}

function isTakenBack(event: string, { before, wanted, reopens }: Writing): boolean {
  const name = `${ANNOTATIONS.approvedPrefix}${event}`;
  const isGone = before?.[name] !== undefined && wanted[name] === undefined;
  return isGone && reopens?.(event) === true;
}

/** Annotations of a team that say whose words it is. */
const WRITTEN_HERE: readonly string[] = [ANNOTATIONS.author, ANNOTATIONS.editors];

/** Who changed the spec so far: whoever does becomes one of its authors. */
function editorsNow(
  { user, before, editors = [], respecified }: Writing,
  author: string | undefined,
): readonly string[] {
  const known = before === undefined ? editors : editorsOf(before);
  const editor = authorOf(user.username);
  return respecified && editor !== author && !known.includes(editor) ? [...known, editor] : known;
}

/** @returns why the vote is refused. */
function recordVote(
  annotations: Record<string, string>,
  event: string,
  value: string,
  { user, at, before, wanted, gates, spec, closed }: Writing,
): string | undefined {
  const gate = gates.find((candidate) => candidate.event === event);
  if (gate === undefined) return unknownGate(event, gates);
  const name = `${ANNOTATIONS.approvedPrefix}${event}`;
  if (value !== 'true' && value !== 'false') {
    return `${name} is "${value}": write "true" to approve or "false" to reject`;
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
    // A reason that was there before is somebody else's, or was for another vote.
    ...(reason !== undefined && reason !== before?.[reasonName] && { reason }),
  };
  const votes = [...votesOf(annotations, event).filter((one) => one.user !== vote.user), vote];
  annotations[`${ANNOTATIONS.votesPrefix}${event}`] = JSON.stringify(votes);
  // It is kept with the vote. What stays here would be taken for the next voter's.
  delete annotations[reasonName];
  const ballot = ballotOf(annotations, spec);
  if (tally(gate, votes, ballot) === undefined) delete annotations[name];
  return undefined;
}

/**
 * Takes back the answers to a spec that is another now, so that everybody can answer anew. The votes
 * stay, as a record: each says which spec it was about.
 * @returns for the user to read.
 */
function withdrawAnswers(
  annotations: Record<string, string>,
  { before = {}, wanted, gates, spec }: Writing,
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
    return [`${event}: the answers of ${who} were for the earlier spec and do not count any more`];
  });
}

function unknownGate(event: string, gates: readonly Gate[]): string {
  const known = gates.map((gate) => gate.event).join(', ');
  return `the team has no gate ${event}; ${known === '' ? 'it has none' : `its gates: ${known}`}`;
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
      return `${user.username} is not among its approvers (${who})`;
    }
  }
  if (allowAuthor !== false) return undefined;
  const authors = authorsOf(annotations);
  if (isUnknown(authors)) {
    return decision === 'reject'
      ? undefined
      : 'the author may not approve, and it is not known which person made or changed the team: nobody can approve. Reject it, and have a person make the team';
  }
  if (!authors.includes(user.username)) return undefined;
  const made = annotations[ANNOTATIONS.author] === user.username;
  return `${user.username} ${made ? 'made the team' : "changed the team's spec"} and may not decide`;
}

/** The gates of a team that nobody could ever open, because it is not known who made or changed it. */
export function unopenable(gates: readonly Gate[], authors: readonly string[]): readonly Gate[] {
  if (!isUnknown(authors)) return [];
  return gates.filter((gate) => isRestricted(gate) && gate.allowAuthor === false);
}
