import { createHash, createHmac } from 'node:crypto';

/** The body of a webhook call. Within a version, fields are added but never changed or removed. */
export interface Notification {
  readonly schema: 'agentteam/notification';
  readonly version: 1;
  /** The same for every attempt, so that a receiver can ignore duplicates. */
  readonly id: string;
  readonly event: string;
  /** ISO 8601. */
  readonly at: string;
  readonly team: string;
  readonly namespace: string;
  /** One line of text for a person. */
  readonly message: string;
  /** Details of the event, such as the totals of a team that has ended. */
  readonly data: unknown;
}

export const HEADERS = {
  id: 'Idempotency-Key',
  event: 'X-Agentteam-Event',
  timestamp: 'X-Agentteam-Timestamp',
  signature: 'X-Agentteam-Signature',
} as const;

/** Derives a stable id from the parts that identify an event. */
export function notificationId(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}

/**
 * Signs the timestamp, a full stop and the body, and returns `sha256=<hex>`. The receiver compares the
 * signature and refuses old timestamps, so that nobody can replay a recorded call.
 */
export function sign(secret: string, timestamp: string, body: string): string {
  return `sha256=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`;
}
