import { BACKOFF, withBackoff } from './backoff.ts';
import type { Notification } from './notification.ts';
import type { Proxies } from './proxies.ts';
import type { AllowPrivate } from './route.ts';
import { postNotification } from './send.ts';
import { type MailServer, postMail } from './send-mail.ts';

/** The recipient of a notification, from the team's spec. */
export type Channel =
  | { readonly kind: 'webhook' | 'slack'; readonly url: string }
  | { readonly kind: 'email'; readonly to: readonly string[] };

/** The fields of an approval gate that define its channel. */
export interface GateChannel {
  readonly channel?: 'webhook' | 'slack' | 'email' | 'none';
  readonly webhookUrl?: string;
  readonly emailTo?: readonly string[];
}

/** Settings for sending, from the operator and not from the team. */
export interface Senders {
  /** Key that signs webhook calls. Absent: they are not signed. */
  readonly secret?: string;
  /** Whether webhooks may have private or link-local addresses. */
  readonly allowPrivate: AllowPrivate;
  /** Proxies for webhooks. Mail uses no proxy. */
  readonly proxies?: Proxies;
  readonly mailServer?: MailServer;
}

/** @returns undefined for a gate that notifies nobody. */
export function channelOf({ channel, webhookUrl, emailTo }: GateChannel): Channel | undefined {
  if (channel === 'email') return emailTo && { kind: channel, to: emailTo };
  if (channel === undefined || channel === 'none' || webhookUrl === undefined) return undefined;
  return { kind: channel, url: webhookUrl };
}

/**
 * Sends a notification, and retries after temporary failures.
 * @throws PrivateTargetError when the address is private, and another Error with the receiver's reply.
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
 * Sends a notification once, for callers that have a queue of their own.
 * @throws Retryable for a temporary failure, PrivateTargetError when the address is private, and another
 * Error with the receiver's reply.
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
