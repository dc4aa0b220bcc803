import { isProtocolMail, type MailElement, readMailElements } from '@agentteam/volume';

/** What members wrote to one another, in order, without the messages of the team protocol. */
export function seenMail(told: string): readonly MailElement[] {
  return readMailElements(told).filter(({ text }) => !isProtocolMail(text));
}
