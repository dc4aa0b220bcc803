import { createHash } from 'node:crypto';
import { isRecord, parseJson } from '@agentteam/contract';
import { cutText } from '@agentteam/text';
import { LIMITS } from './file/limits.ts';

/** A message as Claude Code stores it in an inbox. */
export interface Mail {
  readonly from: string;
  readonly text: string;
  readonly summary?: string;
  /** ISO 8601, UTC. */
  readonly timestamp: string;
  readonly color?: string;
  readonly msgV?: number;
  readonly msg_id?: string;
  readonly type?: string;
  readonly read: boolean;
}

/** Identifies a message: its `msg_id`, or a hash of the whole message if it has none. */
export function mailId(mail: Mail): string {
  return mail.msg_id ?? createHash('sha256').update(JSON.stringify(mail)).digest('hex');
}

/** Reads the text of an inbox that an agent may have changed. Entries that are not mail are skipped. */
export function parseInbox(text: string): readonly Mail[] {
  return toMail(parseJson(text));
}

/** Picks the mail out of parsed JSON, and cuts texts that are too long for one delivery. */
export function toMail(value: unknown): readonly Mail[] {
  const mail = Array.isArray(value) ? value.filter(isMail) : [];
  return mail.map((one) => {
    const text = cutText(one.text, LIMITS.mailCharacters);
    return text === one.text ? one : { ...one, text };
  });
}

function isMail(value: unknown): value is Mail {
  return (
    isRecord(value) &&
    isShort(value['from']) &&
    typeof value['text'] === 'string' &&
    isShort(value['timestamp']) &&
    typeof value['read'] === 'boolean' &&
    OPTIONAL.every((field) => value[field] === undefined || isShort(value[field]))
  );
}

const OPTIONAL = ['msg_id', 'summary', 'color'] as const;

/** All fields of a message except its text are a name, a time or one line. */
function isShort(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 1000;
}
