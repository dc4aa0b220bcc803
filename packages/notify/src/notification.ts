import { createHash, createHmac } from 'node:crypto';

/** The body of a webhook call. Fields are added within a version, never changed or taken away. */
export interface Notification {
  readonly schema: 'agentteam/notification';
  readonly version: 1;
  /** The same for every attempt at the same event: a receiver takes it once. */
  readonly id: string;
  readonly event: string;
  /** ISO 8601. */
  readonly at: string;
  readonly team: string;
  readonly namespace: string;
  /** One line for a person. */
  readonly message: string;
  /** What the event is about; of a team's end its totals. */
  readonly data: unknown;
}

export const HEADERS = {
  id: 'Idempotency-Key',
  event: 'X-Agentteam-Event',
  timestamp: 'X-Agentteam-Timestamp',
  signature: 'X-Agentteam-Signature',
} as const;

/** An id that is the same whenever it is made from the same things. */
export function notificationId(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}

/**
 * `sha256=<hex>` of the timestamp, a full stop, and the body, byte for byte. The receiver compares
 * it, and refuses timestamps that are too old: nobody can send a recorded call again.
 */
export function sign(secret: string, timestamp: string, body: string): string {
  return `sha256=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`;
}
