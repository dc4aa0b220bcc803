import { isRecord, parseJson } from './file/parse-json.ts';

/** Messages between Claude Code's agents that are JSON inside a mail's text. */
export type ProtocolMail =
  | {
      readonly type: 'task_assignment';
      readonly taskId: string;
      readonly subject: string;
      readonly description: string;
      readonly assignedBy: string;
      readonly timestamp: string;
    }
  | {
      readonly type: 'idle_notification';
      readonly from: string;
      readonly timestamp: string;
      readonly idleReason: 'available' | 'interrupted' | 'failed';
      /** The turn's last text. */
      readonly result?: string;
      readonly failureReason?: string;
      /** Ours: the receiver need not be woken by it. */
      readonly quiet?: boolean;
    }
  | {
      readonly type: 'shutdown_request';
      readonly requestId: string;
      readonly from: string;
      readonly reason?: string;
      readonly timestamp: string;
    }
  | {
      readonly type: 'shutdown_approved';
      readonly requestId: string;
      readonly from: string;
      readonly timestamp: string;
      readonly paneId?: string;
    };

const REQUIRED: Readonly<Record<ProtocolMail['type'], readonly string[]>> = {
  task_assignment: ['taskId', 'subject', 'description', 'assignedBy', 'timestamp'],
  idle_notification: ['from', 'timestamp', 'idleReason'],
  shutdown_request: ['requestId', 'from', 'timestamp'],
  shutdown_approved: ['requestId', 'from', 'timestamp'],
};

/** Absent or a string. */
const OPTIONAL = ['result', 'failureReason', 'reason', 'paneId'];

export function formatProtocolMail(mail: ProtocolMail): string {
  return JSON.stringify(mail);
}

/** @returns `undefined` for text that a person or model wrote. */
export function parseProtocolMail(text: string): ProtocolMail | undefined {
  if (!text.startsWith('{')) return undefined;
  const value = parseJson(text);
  if (!isRecord(value)) return undefined;
  const type = value['type'];
  if (typeof type !== 'string' || !Object.hasOwn(REQUIRED, type)) return undefined;
  const fields = REQUIRED[type as ProtocolMail['type']];
  if (fields.some((field) => typeof value[field] !== 'string')) return undefined;
  const isText = (field: string) => ['undefined', 'string'].includes(typeof value[field]);
  if (!OPTIONAL.every(isText)) return undefined;
  return value as unknown as ProtocolMail;
}
