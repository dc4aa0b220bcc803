import { Retryable } from './backoff.ts';
import { mailOf } from './mail.ts';
import type { Notification } from './notification.ts';

/** The mail server for notifications. Only the operator chooses it. */
export interface MailServer {
  /**
   * `smtp://` (with STARTTLS if the server offers it, and always before a password is sent) or
   * `smtps://`, with credentials if the server needs them. The query may contain options of nodemailer's
   * transport (https://nodemailer.com/smtp), such as `?tls.rejectUnauthorized=false`.
   */
  readonly url: string;
  /** Sender: `address` or `Name <address>`. */
  readonly from: string;
}

const ANSWER_WITHIN_MS = 15_000;

/**
 * Sends a notification once, as one mail to all recipients. Its `Message-ID` is the same for every
 * attempt, so that mail programs recognize duplicates.
 * @throws Retryable for a temporary failure (no connection, a refused login, a 4xx reply), and another
 * Error with the server's reply.
 */
export async function postMail(
  server: MailServer,
  to: readonly string[],
  notification: Notification,
  signal: AbortSignal,
): Promise<void> {
  // Load nodemailer with the first mail: few controllers and no pods send any.
  const { createTransport } = await import('nodemailer');
  const url = new URL(server.url);
  const transport = createTransport({
    url: server.url,
    requireTLS: url.protocol === 'smtp:' && url.username !== '',
    connectionTimeout: ANSWER_WITHIN_MS,
    greetingTimeout: ANSWER_WITHIN_MS,
    socketTimeout: ANSWER_WITHIN_MS,
    // The content is untrusted, so nodemailer must not read files or fetch URLs that it names.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  const sending = transport.sendMail({
    from: server.from,
    to: [...to],
    ...mailOf(notification),
    messageId: `<${notification.id}@agentteam>`,
    date: notification.at,
    headers: { 'Auto-Submitted': 'auto-generated' },
  });
  try {
    signal.throwIfAborted();
    const { rejected } = await Promise.race([sending, aborted.promise]);
    if (rejected.length > 0) {
      throw new Error(
        `${url.host} refused ${rejected.join(', ')} and accepted the other recipients`,
      );
    }
  } catch (error) {
    throw classify(error as SmtpError, url.host);
  } finally {
    signal.removeEventListener('abort', abort);
    sending.catch(() => {});
    aborted.promise.catch(() => {});
    transport.close();
  }
}

interface SmtpError extends Error {
  /** nodemailer's error code: `EAUTH`, `ECONNECTION`, `EENVELOPE`, … */
  readonly code?: string;
  readonly responseCode?: number;
}

/** The operator may correct a wrong password while the team runs, so a refused login is temporary. */
function classify(error: SmtpError, host: string): Error {
  const { code, responseCode } = error;
  if (code === undefined) return error;
  const described = new Error(`mail server ${host}: ${error.message}`, { cause: error });
  const isFinal = responseCode !== undefined && responseCode >= 500 && code !== 'EAUTH';
  return isFinal ? described : new Retryable(described);
}
