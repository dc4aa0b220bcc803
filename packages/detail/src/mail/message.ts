import { cutText, startOf } from '@agentteam/text';
import {
  type Mail,
  type Mailbox,
  mergeMailboxes,
  type PersonMessage,
  parseProtocolMail,
} from '@agentteam/volume';

/** One mail of the team, for a person who reads the conversation. */
export interface Message {
  readonly from: string;
  readonly to: string;
  /** ISO 8601. */
  readonly at: string;
  /** `person`: a person wrote it with `tell`. `answer`: a person answered a question. Agents write the others. */
  readonly kind: 'message' | 'person' | 'answer' | 'task' | 'idle' | 'shutdown';
  readonly text: string;
  /** Whether the receiver's session has it. */
  readonly delivered: boolean;
  /** Of an `answer`: the question. Its text is the agent's; absent if the agent has removed it. */
  readonly question?: { readonly id: string; readonly text?: string };
}

/** A person's answer to an agent. */
export interface ReceivedAnswer extends Pick<Message, 'at' | 'text' | 'delivered'> {
  readonly question: NonNullable<Message['question']>;
  /** Name of the person. */
  readonly by: string;
}

/** The mail of a team, as far as it can be read. */
export interface Correspondence {
  /** In the order in which it was sent. */
  readonly messages: readonly Message[];
  /** Agents whose delivered mail is unknown here. */
  readonly missing: readonly string[];
  /** Sentences about mail that was not read, because there is too much of it or it is not a plain file. */
  readonly leftOut: readonly string[];
}

/** The messages to one agent. */
export interface Received extends Mailbox {
  /** People's messages, from where agents cannot write. */
  readonly people: readonly PersonMessage[];
  /** Ids of those in the agent's journal. */
  readonly deliveredPeople: ReadonlySet<string>;
  /** Whether the agent got earlier mail that is not listed. */
  readonly isCut: boolean;
  readonly answers: readonly ReceivedAnswer[];
}

/** Messages of a team, and their characters, that are listed: the latest. */
export const MOST_MESSAGES = 5_000;
export const MOST_CHARACTERS = 4_194_304; // 4 Mi
const LONGEST_NAME = 256;
const LONGEST_TIME = 64;

/**
 * The messages of a team in the order in which they were sent. Agents can write all mail themselves; only
 * people can write messages of the kinds `person` and `answer`.
 * @param unread what is known about mail that was not read.
 */
export function correspondenceOf(
  boxes: readonly Received[],
  unread: Pick<Correspondence, 'missing' | 'leftOut'>,
): Correspondence {
  const all = messagesIn(boxes);
  let characters = 0;
  const fits = ({ text }: Message, index: number): boolean => {
    characters += text.length;
    return index < MOST_MESSAGES && characters <= MOST_CHARACTERS;
  };
  const reversed = all.toReversed();
  const end = reversed.findIndex((message, index) => !fits(message, index));
  const messages = end < 0 ? all : reversed.slice(0, end).toReversed();
  const cut = boxes.filter(({ isCut }) => isCut).map(({ to }) => to);
  return {
    messages,
    missing: unread.missing,
    leftOut: [
      ...unread.leftOut,
      ...(cut.length === 0 ? [] : [`Only the latest mail to ${cut.join(', ')} is listed.`]),
      ...(messages.length === all.length
        ? []
        : [`Only the latest ${messages.length} messages of the team are listed.`]),
    ],
  };
}

function messagesIn(boxes: readonly Received[]): readonly Message[] {
  const mail = mergeMailboxes(boxes).map(({ mail, to, isDelivered }) => ({
    from: cutText(mail.from, LONGEST_NAME),
    to,
    at: startOf(mail.timestamp, LONGEST_TIME),
    delivered: isDelivered,
    ...contentOf(mail),
  }));
  const people = boxes.flatMap(({ to, people, deliveredPeople }) =>
    people.map(({ id, by, text, at }) => {
      const delivered = deliveredPeople.has(id);
      return { from: by, to, at, delivered, kind: 'person' as const, text };
    }),
  );
  const answers = boxes.flatMap(({ to, answers }) =>
    answers.map(({ by, ...answer }) => ({ from: by, to, kind: 'answer' as const, ...answer })),
  );
  return [...people, ...answers, ...mail].toSorted((a, b) => a.at.localeCompare(b.at));
}

/** Describes a message of the team protocol in words; other mail is shown as it is. */
function contentOf({ text }: Mail): Pick<Message, 'kind' | 'text'> {
  const protocol = parseProtocolMail(text);
  switch (protocol?.type) {
    case undefined:
      return { kind: 'message', text };
    case 'task_assignment':
      return { kind: 'task', text: `#${protocol.taskId} ${protocol.subject}` };
    case 'idle_notification':
      return { kind: 'idle', text: protocol.result ?? protocol.failureReason ?? '' };
    case 'shutdown_request':
      return {
        kind: 'shutdown',
        text: `requests a shutdown: ${protocol.reason ?? 'no reason given'}`,
      };
    case 'shutdown_approved':
      return { kind: 'shutdown', text: 'approves the shutdown' };
  }
}
