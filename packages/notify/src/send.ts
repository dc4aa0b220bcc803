import { Agent, request } from 'undici';
import { Retryable, retryAfter } from './backoff.ts';
import { HEADERS, type Notification, sign } from './notification.ts';
import { assertPublicHost, lookupPublic, PrivateTargetError } from './public-address.ts';
import { slackMessage } from './slack.ts';

export interface Webhook {
  readonly url: string;
  /** Key of the signature; absent: unsigned. */
  readonly secret?: string;
  /** Whether private and link-local targets may be called. */
  readonly allowPrivate: boolean;
  /** What the receiver takes: our own JSON (default), or a message for Slack. */
  readonly format?: 'json' | 'slack';
}

const ANSWER_WITHIN_MS = 15_000;

/**
 * Posts a notification. What may pass is no connection, 408, 429 and 5xx; redirects are not followed.
 * @throws Retryable for what may pass, PrivateTargetError, or an error with what was answered.
 */
export async function postNotification(
  webhook: Webhook,
  notification: Notification,
  signal: AbortSignal,
): Promise<void> {
  const url = new URL(webhook.url);
  if (!webhook.allowPrivate) assertPublicHost(url);
  const dispatcher = new Agent({
    connect: {
      timeout: ANSWER_WITHIN_MS,
      ...(webhook.allowPrivate ? {} : { lookup: lookupPublic }),
    },
    headersTimeout: ANSWER_WITHIN_MS,
    bodyTimeout: ANSWER_WITHIN_MS,
  });
  try {
    await post(url, webhook, notification, dispatcher, signal);
  } finally {
    await dispatcher.destroy();
  }
}

async function post(
  url: URL,
  { secret, format }: Webhook,
  notification: Notification,
  dispatcher: Agent,
  signal: AbortSignal,
): Promise<void> {
  const { id, event } = notification;
  const body = JSON.stringify(format === 'slack' ? slackMessage(notification) : notification);
  const timestamp = String(Math.floor(Date.now() / 1000));
  const headers = {
    'Content-Type': 'application/json',
    'User-Agent': 'agentteam',
    [HEADERS.id]: id,
    [HEADERS.event]: event,
    [HEADERS.timestamp]: timestamp,
    ...(secret === undefined ? {} : { [HEADERS.signature]: sign(secret, timestamp, body) }),
  };
  const response = await request(url, { method: 'POST', headers, body, dispatcher, signal }).catch(
    (error: unknown) => {
      throw error instanceof PrivateTargetError ? error : new Retryable(error);
    },
  );
  await response.body.dump();
  const { statusCode } = response;
  if (statusCode >= 200 && statusCode < 300) return;
  const error = new Error(`${url.host} answered ${statusCode}`);
  if (statusCode !== 408 && statusCode !== 429 && statusCode < 500) throw error;
  const after = response.headers['retry-after'];
  throw new Retryable(error, retryAfter(typeof after === 'string' ? after : undefined));
}
