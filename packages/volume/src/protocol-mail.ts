import { isRecord, parseJson } from '@agentteam/contract';

/** A message of Claude Code's team protocol: JSON in the text of a mail. */
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
      /** The last text of the turn. */
      readonly result?: string;
      readonly failureReason?: string;
      /** Our own field: the message does not wake its receiver. */
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

/** Fields that are either absent or a string. */
const OPTIONAL = ['result', 'failureReason', 'reason', 'paneId'];

export function formatProtocolMail(mail: ProtocolMail): string {
  return JSON.stringify(mail);
}

/** @returns `undefined` for text that a person or a model wrote, and for other kinds of message. */
export function parseProtocolMail(text: string): ProtocolMail | undefined {
  const value = parseObject(text);
  const type = value?.['type'];
  if (value === undefined || typeof type !== 'string' || !Object.hasOwn(REQUIRED, type)) {
    return undefined;
  }
  const fields = REQUIRED[type as ProtocolMail['type']];
  if (fields.some((field) => typeof value[field] !== 'string')) return undefined;
  const isText = (field: string) => ['undefined', 'string'].includes(typeof value[field]);
  return OPTIONAL.every(isText) ? (value as unknown as ProtocolMail) : undefined;
}

/** Kinds of message that no program of ours interprets. */
const OTHER_TYPES = ['shutdown_rejected', 'plan_approval_request', 'plan_approval_response'];

/** Whether the text of a mail belongs to the protocol, and not to the conversation of the agents. */
export function isProtocolMail(text: string): boolean {
  const type = parseObject(text)?.['type'];
  return typeof type === 'string' && (Object.hasOwn(REQUIRED, type) || OTHER_TYPES.includes(type));
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  if (!text.startsWith('{')) return undefined;
  const value = parseJson(text);
  return isRecord(value) ? value : undefined;
}
