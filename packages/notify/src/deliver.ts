import { BACKOFF, withBackoff } from './backoff.ts';
import type { Notification } from './notification.ts';
import type { Proxies } from './proxies.ts';
import type { AllowPrivate } from './route.ts';
import { postNotification } from './send.ts';
import { type MailServer, postMail } from './send-mail.ts';

/** Where a notification goes, as a team says it. */
export type Channel =
  | { readonly kind: 'webhook' | 'slack'; readonly url: string }
  | { readonly kind: 'email'; readonly to: readonly string[] };

/** What an approval gate says of its channel. */
export interface GateChannel {
  readonly channel?: 'webhook' | 'slack' | 'email' | 'none';
  readonly webhookUrl?: string;
  readonly emailTo?: readonly string[];
}

/** What sending takes besides, as whoever runs this has it. */
export interface Senders {
  /** Key of webhooks' signatures; absent: unsigned. */
  readonly secret?: string;
  /** Whether private and link-local webhooks may be called. */
  readonly allowPrivate: AllowPrivate;
  /** Through which webhooks are called; absent: none. Mail goes through none. */
  readonly proxies?: Proxies;
  readonly mailServer?: MailServer;
}

/** @returns `undefined` for a gate that tells nobody. */
export function channelOf({ channel, webhookUrl, emailTo }: GateChannel): Channel | undefined {
  if (channel === 'email') return emailTo && { kind: channel, to: emailTo };
  if (channel === undefined || channel === 'none' || webhookUrl === undefined) return undefined;
  return { kind: channel, url: webhookUrl };
}

/**
 * Sends a notification over a channel, and again while that may help.
 * @throws PrivateTargetError, or an error with the receiver's words.
 */
export function deliver(
  channel: Channel,
  senders: Senders,
  notification: Notification,
  signal: AbortSignal,
): Promise<void> {
  return withBackoff(BACKOFF, signal, () => deliverOnce(channel, senders, notification, signal));
}

/**
 * Sends a notification over a channel once, for callers that have a queue of their own.
 * @throws Retryable for what may pass, or an error with the receiver's words.
 */
export async function deliverOnce(
  channel: Channel,
  { secret, allowPrivate, proxies, mailServer }: Senders,
  notification: Notification,
  signal: AbortSignal,
): Promise<void> {
  if (channel.kind === 'email') {
    if (mailServer === undefined) throw new Error('no mail server is configured');
    return postMail(mailServer, channel.to, notification, signal);
  }
  const format = channel.kind === 'slack' ? 'slack' : 'json';
  const given = { ...(proxies && { proxies }), ...(secret && { secret }) };
  const webhook = { url: channel.url, format, allowPrivate, ...given } as const;
  return postNotification(webhook, notification, signal);
}
