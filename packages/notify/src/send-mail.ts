import { Retryable } from './backoff.ts';
import { mailOf } from './mail.ts';
import type { Notification } from './notification.ts';

/** The mail server through which notifications go: an operator's choice, never a team's. */
export interface MailServer {
  /**
   * `smtp://` (STARTTLS where it is offered, and always before a password is sent) or `smtps://`,
   * with user and password where it asks for them. What else nodemailer's transports take may stand
   * behind a question mark (https://nodemailer.com/smtp): `?tls.rejectUnauthorized=false`.
   */
  readonly url: string;
  /** Sender: an address, or `Name <address>`. */
  readonly from: string;
}

const ANSWER_WITHIN_MS = 15_000;

/**
 * Mails a notification once, to everybody in one mail. Its `Message-ID` is the same for every
 * attempt, so a mail that arrives twice is known as the same.
 * @throws Retryable for what may pass (no connection, a login that is refused, an answer of 4xx), or
 * an error with what the server said.
 */
export async function postMail(
  server: MailServer,
  to: readonly string[],
  notification: Notification,
  signal: AbortSignal,
): Promise<void> {
  // Loaded when the first mail is sent: few controllers and no pod ever send one.
  const { createTransport } = await import('nodemailer');
  const url = new URL(server.url);
  const transport = createTransport({
    url: server.url,
    requireTLS: url.protocol === 'smtp:' && url.username !== '',
    connectionTimeout: ANSWER_WITHIN_MS,
    greetingTimeout: ANSWER_WITHIN_MS,
    socketTimeout: ANSWER_WITHIN_MS,
    // Whatever a team says reaches the mail as text: nothing is read off this machine or fetched.
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
      throw new Error(`${url.host} refused ${rejected.join(', ')}; the others were told`);
    }
  } catch (error) {
    throw sorted(error as SmtpError, url.host);
  } finally {
    signal.removeEventListener('abort', abort);
    sending.catch(() => {});
    aborted.promise.catch(() => {});
    transport.close();
  }
}

interface SmtpError extends Error {
  /** What failed, in nodemailer's words: `EAUTH`, `ECONNECTION`, `EENVELOPE`, … */
  readonly code?: string;
  readonly responseCode?: number;
}

/** A wrong password is the operator's fault and put right without the team: worth another try. */
function sorted(error: SmtpError, host: string): Error {
  const { code, responseCode } = error;
  if (code === undefined) return error;
  const said = new Error(`mail server ${host}: ${error.message}`, { cause: error });
  const final = responseCode !== undefined && responseCode >= 500 && code !== 'EAUTH';
  return final ? said : new Retryable(said);
}
