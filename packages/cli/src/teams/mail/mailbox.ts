import { isRecord, type Mail, mailId, parseJson, parseProtocolMail } from '@agentteam/volume';
import type { Message } from './message.ts';

/** The runner's record of what it gave to its agent: delivered mail is gone from the inboxes. */
export const JOURNAL = 'journal.jsonl';

/** Mail of one agent: what it has in its session, and what its inbox holds. */
export interface Mailbox {
  readonly to: string;
  readonly delivered: readonly Mail[];
  readonly waiting: readonly Mail[];
}

/**
 * The mail of a team in the order in which it was sent. Journals and inboxes lie where agents may
 * write, so nothing in them is taken for more than what somebody says.
 */
export function mailOf(boxes: readonly Mailbox[]): readonly Message[] {
  return boxes
    .flatMap(({ to, delivered, waiting }) => {
      const known = new Set(delivered.map(mailId));
      return [
        ...delivered.map((mail) => toMessage(mail, to, true)),
        ...waiting
          .filter((mail) => !known.has(mailId(mail)))
          .map((mail) => toMessage(mail, to, false)),
      ];
    })
    .toSorted((a, b) => a.at.localeCompare(b.at));
}

/** Mail that was handed to an agent, each once, however often a restart handed it out again. */
export function readJournal(text: string): readonly Mail[] {
  const mail = text.split('\n').flatMap(mailIn);
  return [...new Map(mail.map((one) => [mailId(one), one])).values()];
}

/** Mail in the text of a native inbox; none in what is no inbox. */
export function readInboxText(text: string): readonly Mail[] {
  return mailIn(`{"mail":${text}}`);
}

function mailIn(line: string): readonly Mail[] {
  // Not JSON where a crash tore a line, or an agent wrote it.
  const entry = parseJson(line);
  const mail = isRecord(entry) ? entry['mail'] : undefined;
  return Array.isArray(mail) ? mail.filter(isMail) : [];
}

function isMail(value: unknown): value is Mail {
  return (
    isRecord(value) &&
    ['from', 'text', 'timestamp'].every((field) => typeof value[field] === 'string') &&
    ['undefined', 'string'].includes(typeof value['msg_id'])
  );
}

function toMessage(mail: Mail, to: string, delivered: boolean): Message {
  return { from: mail.from, to, at: mail.timestamp, delivered, ...contentOf(mail) };
}

/** What a protocol message says, in words. */
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
      return { kind: 'shutdown', text: `asks to stop: ${protocol.reason ?? 'no reason given'}` };
    case 'shutdown_approved':
      return { kind: 'shutdown', text: 'agrees to stop' };
  }
}
