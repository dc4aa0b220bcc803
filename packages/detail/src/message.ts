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
  /** `person`: a person wrote it with `tell`. Agents write the others. */
  readonly kind: 'message' | 'person' | 'task' | 'idle' | 'shutdown';
  readonly text: string;
  /** Whether the receiver's session has it. */
  readonly delivered: boolean;
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
}

/** Messages of a team, and their characters, that are listed: the latest. */
const MOST_MESSAGES = 5_000;
const MOST_CHARACTERS = 4_194_304; // 4 Mi

/**
 * The messages of a team in the order in which they were sent. Agents can write all mail themselves; only
 * people can write messages of the kind `person`.
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
    from: mail.from,
    to,
    at: mail.timestamp,
    delivered: isDelivered,
    ...contentOf(mail),
  }));
  const people = boxes.flatMap(({ to, people, deliveredPeople }) =>
    people.map(({ id, by, text, at }) => {
      const delivered = deliveredPeople.has(id);
      return { from: by, to, at, delivered, kind: 'person' as const, text };
    }),
  );
  return [...people, ...mail].toSorted((a, b) => a.at.localeCompare(b.at));
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
