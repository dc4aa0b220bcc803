import type { Notification } from './notification.ts';
import { postNotification } from './send.ts';
import { type MailServer, postMail } from './send-mail.ts';

/** Where a notification goes, as a team says it. */
export type Channel =
  | { readonly kind: 'webhook' | 'slack'; readonly url: string }
  | { readonly kind: 'email'; readonly to: readonly string[] };

/** What sending takes besides, as whoever runs this has it. */
export interface Senders {
  /** Key of webhooks' signatures; absent: unsigned. */
  readonly secret?: string;
  /** Whether private and link-local targets may be called. */
  readonly allowPrivate: boolean;
  readonly mailServer?: MailServer;
}

/**
 * Sends a notification over a channel, once.
 * @throws Retryable for what may pass, or an error with the receiver's words.
 */
export async function deliver(
  channel: Channel,
  { secret, allowPrivate, mailServer }: Senders,
  notification: Notification,
  signal: AbortSignal,
): Promise<void> {
  if (channel.kind === 'email') {
    if (mailServer === undefined) throw new Error('no mail server is configured');
    return postMail(mailServer, channel.to, notification, signal);
  }
  const format = channel.kind === 'slack' ? 'slack' : 'json';
  const webhook = { url: channel.url, format, allowPrivate, ...(secret && { secret }) } as const;
  return postNotification(webhook, notification, signal);
}
