import { type Mail, mailId } from './mail.ts';

/** The mail of one agent. */
export interface Mailbox {
  readonly to: string;
  /** The mail in the agent's journal. */
  readonly delivered: readonly Mail[];
  /** The mail in the agent's inbox. */
  readonly waiting: readonly Mail[];
}

export interface SentMail {
  readonly mail: Mail;
  readonly to: string;
  readonly isDelivered: boolean;
}

/**
 * Lists the mail of a team in the order in which it was sent. A crash can leave a message in both the
 * journal and the inbox; it is listed once, as delivered.
 */
export function mergeMailboxes(boxes: readonly Mailbox[]): readonly SentMail[] {
  return boxes
    .flatMap(({ to, delivered, waiting }) => {
      const known = new Set(delivered.map(mailId));
      return [
        ...delivered.map((mail) => ({ mail, to, isDelivered: true })),
        ...waiting
          .filter((mail) => !known.has(mailId(mail)))
          .map((mail) => ({ mail, to, isDelivered: false })),
      ];
    })
    .toSorted((a, b) => a.mail.timestamp.localeCompare(b.mail.timestamp));
}
