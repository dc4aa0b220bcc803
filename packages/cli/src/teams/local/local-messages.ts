import { join } from 'node:path';
import { LEAD } from '@agentteam/contract';
import {
  inDirectory,
  JOURNAL_FILE,
  LIMITS,
  mapFew,
  readDeliveredMail,
  readDeliveredPersonIds,
  readFileOfAgent,
  readInbox,
  readPersonMessages,
  refusedInboxes,
} from '@agentteam/volume';
import { type Correspondence, messagesIn } from '../mail/message.ts';
import type { LocalTeam } from './local-team.ts';

/** Reads the mail of a team on this machine, in the order in which it was sent. */
export async function readMessages(team: LocalTeam): Promise<Correspondence> {
  const native = team.native(await team.workflow());
  const agents = [LEAD, ...team.record.team.spec.teammates.map(({ name }) => name)];
  const boxes = await mapFew(agents, async (to) => {
    const { text = '', refused } = await readJournalOf(team, to);
    return {
      to,
      delivered: readDeliveredMail(text),
      people: await readPersonMessages(team.volumes.control, to),
      deliveredPeople: readDeliveredPersonIds(text),
      waiting: await readInbox(native, to),
      refused,
    };
  });
  const inboxes = await refusedInboxes(native, agents);
  return {
    messages: messagesIn(boxes),
    missing: [],
    leftOut: [
      ...boxes.flatMap(({ to, refused }) =>
        refused === undefined ? [] : [`The journal of ${to} ${refused} and was not read.`],
      ),
      ...[...inboxes].map(([agent, reason]) => `The inbox of ${agent} ${reason} and was not read.`),
    ],
  };
}

async function readJournalOf(
  { volumes }: LocalTeam,
  agent: string,
): Promise<{ readonly text?: string; readonly refused?: string }> {
  const reading = await inDirectory(volumes.sessions, [agent], (path) =>
    readFileOfAgent(join(path, JOURNAL_FILE), LIMITS.journalBytes),
  );
  return reading === undefined || 'missing' in reading ? {} : reading;
}
