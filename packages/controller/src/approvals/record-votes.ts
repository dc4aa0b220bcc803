import { ANNOTATIONS } from '@agentteam/contract';
import { type Gate, tally, type Vote, votesOf } from './votes.ts';

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
  /** ISO 8601. */
  readonly at: string;
  /** Of the object as it was; absent when it is being made. */
  readonly before: Annotations | undefined;
  /** Of the object as the user wants it. */
  readonly wanted: Annotations;
  readonly gates: readonly Gate[];
}

export type Recorded =
  | { readonly annotations: Annotations }
  /** For the user to read. */
  | { readonly refused: string };

/**
 * What a team's annotations become when somebody writes them: answers to gates are checked against
 * who may give them, and are kept as votes with the name of who gave them. While more people must
 * approve, the answer itself is taken away again, so that the next one can give theirs. Who made the
 * team and who voted is written here alone, whatever the request says. Pure.
 */
export function recordVotes(writing: Writing): Recorded {
  const { user, at, before, wanted, gates } = writing;
  const author = before === undefined ? writing.author : before[ANNOTATIONS.author];
  const annotations: Record<string, string> = Object.fromEntries(
    Object.entries(wanted).filter(
      ([name]) => name !== ANNOTATIONS.author && !name.startsWith(ANNOTATIONS.votesPrefix),
    ),
  );
  if (author !== undefined) annotations[ANNOTATIONS.author] = author;
  for (const [name, value] of Object.entries(before ?? {})) {
    if (name.startsWith(ANNOTATIONS.votesPrefix)) annotations[name] = value;
  }
  for (const [name, value] of Object.entries(wanted)) {
    if (!name.startsWith(ANNOTATIONS.approvedPrefix) || value === before?.[name]) continue;
    const event = name.slice(ANNOTATIONS.approvedPrefix.length);
    const gate = gates.find((candidate) => candidate.event === event);
    if (gate === undefined) return { refused: unknownGate(event, gates) };
    if (value !== 'true' && value !== 'false') {
      return { refused: `${name} is "${value}": write "true" to approve or "false" to reject` };
    }
    const objection = objectionTo(user, gate, author);
    if (objection !== undefined) return { refused: `${event}: ${objection}` };
    const reason = wanted[`${ANNOTATIONS.reasonPrefix}${event}`];
    const vote: Vote = {
      user: user.username,
      decision: value === 'true' ? 'approve' : 'reject',
      at,
      ...(reason !== undefined && { reason }),
    };
    const others = votesOf(annotations, event).filter((one) => one.user !== vote.user);
    annotations[`${ANNOTATIONS.votesPrefix}${event}`] = JSON.stringify([...others, vote]);
    if (tally(gate, [...others, vote]) === undefined) delete annotations[name];
  }
  return { annotations };
}

function unknownGate(event: string, gates: readonly Gate[]): string {
  const known = gates.map((gate) => gate.event).join(', ');
  return `the team has no gate ${event}; ${known === '' ? 'it has none' : `its gates: ${known}`}`;
}

function objectionTo(user: User, gate: Gate, author: string | undefined): string | undefined {
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
  if (author === undefined) {
    return 'its author may not approve, and who that is was not recorded: the team was made while the admission webhook did not run';
  }
  return author === user.username ? `${author} made the team and may not decide` : undefined;
}
