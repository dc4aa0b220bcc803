import { formatPersonMessage, readPersonMessages } from '@agentteam/volume';
import type { MemberParts } from './parts.ts';

/**
 * Records the messages that people have sent to an agent, each for a delivery of its own. The journal says
 * which of them the agent's session has already.
 * @returns whether there was any.
 */
export async function recordPersonMessages({
  spec,
  directories,
  journal,
  conversation,
}: Pick<MemberParts, 'spec' | 'directories' | 'journal' | 'conversation'>): Promise<boolean> {
  const known = journal.personMessageIds;
  const messages = await readPersonMessages(directories.control, spec.name, known);
  for (const message of messages) {
    await conversation.record(formatPersonMessage(message), [], message);
  }
  return messages.length > 0;
}
