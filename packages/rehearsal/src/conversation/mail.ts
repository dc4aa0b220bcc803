import { isProtocolMail, type MailElement, readMailElements } from '@agentteam/volume';

/** Messages that agents wrote, in order, without those of the protocol. */
export function seenMail(userText: string): readonly MailElement[] {
  return readMailElements(userText).filter(({ text }) => !isProtocolMail(text));
}
