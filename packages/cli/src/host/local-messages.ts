import { join } from 'node:path';
import { LEAD } from '@agentteam/contract';
import { readInbox, readUntrusted } from '@agentteam/volume';
import { JOURNAL, mailOf, readJournal } from '../mail/mailbox.ts';
import type { Message } from '../mail/message.ts';
import type { LocalTeam } from './local-team.ts';

const MOST_BYTES = 64 << 20;

/** The mail of a team of this machine, in the order in which it was sent. */
export async function readMessages(team: LocalTeam): Promise<readonly Message[]> {
  const native = team.native(await team.workflow());
  const agents = [LEAD, ...team.record.team.spec.teammates.map(({ name }) => name)];
  const boxes = await Promise.all(
    agents.map(async (to) => {
      const journal = join(team.volumes.sessions, to, JOURNAL);
      const delivered = readJournal((await readUntrusted(journal, MOST_BYTES)) ?? '');
      return { to, delivered, waiting: await readInbox(native, to) };
    }),
  );
  return mailOf(boxes);
}
