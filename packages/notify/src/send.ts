import { request } from 'undici';
import { Retryable, retryAfter } from './backoff.ts';
import { HEADERS, type Notification, sign } from './notification.ts';
import type { Proxies } from './proxies.ts';
import { PrivateTargetError } from './public-address.ts';
import { type AllowPrivate, type Route, routeTo, TIMEOUTS } from './route.ts';
import { slackMessage } from './slack.ts';

export interface Webhook {
  readonly url: string;
  /** Key that signs the call. Absent: it is not signed. */
  readonly secret?: string;
  readonly allowPrivate: AllowPrivate;
  readonly proxies?: Proxies;
  /** Our own JSON (default), or a message for Slack. */
  readonly format?: 'json' | 'slack';
}

/** The longest that a call may take, whatever a receiver sends: it must not keep notifications from others. */
const WITHIN_MS = 60_000;

/**
 * Posts a notification. Redirects are not followed, and the body of a reply is not read.
 * @throws Retryable for a temporary failure (no connection, 408, 429, 5xx), PrivateTargetError when the
 * address is private, and another Error with the status of the reply.
 */
export async function postNotification(
  webhook: Webhook,
  notification: Notification,
  signal: AbortSignal,
): Promise<void> {
  const url = new URL(webhook.url);
  const route = await routeTo(url, webhook.allowPrivate, webhook.proxies).catch(rethrow);
  try {
    await post(url.host, route, webhook, notification, signal);
  } finally {
    await route.dispatcher.destroy();
  }
}

async function post(
  host: string,
  { url, headers: routeHeaders, dispatcher, explain }: Route,
  { secret, format }: Webhook,
  notification: Notification,
  signal: AbortSignal,
): Promise<void> {
  const { id, event } = notification;
  const body = JSON.stringify(format === 'slack' ? slackMessage(notification) : notification);
  const timestamp = String(Math.floor(Date.now() / 1000));
  const headers = {
    ...routeHeaders,
    'Content-Type': 'application/json',
    'User-Agent': 'agentteam',
    [HEADERS.id]: id,
    [HEADERS.event]: event,
    [HEADERS.timestamp]: timestamp,
    ...(secret !== undefined && { [HEADERS.signature]: sign(secret, timestamp, body) }),
  };
  const ended = AbortSignal.any([signal, AbortSignal.timeout(WITHIN_MS)]);
  const call = {
    ...{ method: 'POST', headers, body, dispatcher, signal: ended },
    ...TIMEOUTS,
  } as const;
  const response = await request(url, call).catch((error: Error) => rethrow(explain(error)));
  response.body.on('error', () => {}).destroy();
  const { statusCode } = response;
  if (statusCode >= 200 && statusCode < 300) return;
  const error = new Error(`${host} replied with status ${statusCode}`);
  if (statusCode !== 408 && statusCode !== 429 && statusCode < 500) throw error;
  const after = response.headers['retry-after'];
  throw new Retryable(error, retryAfter(typeof after === 'string' ? after : undefined));
}

/** Every error except a private address is temporary: the request got no reply. */
function rethrow(error: unknown): never {
  throw error instanceof PrivateTargetError ? error : new Retryable(error);
}
