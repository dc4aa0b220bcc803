import { join } from 'node:path';
import { shownName } from '@agentteam/contract';
import {
  inDirectory,
  JOURNAL_FILE,
  LIMITS,
  latestMail,
  mapFew,
  type NativeTeam,
  readDeliveredMail,
  readDeliveredPersonIds,
  readEndOfAgent,
  readInbox,
  readPersonMessages,
  refusalOf,
  refusedInboxes,
} from '@agentteam/volume';
import { readReceivedAnswers } from './answers.ts';
import { type Correspondence, correspondenceOf } from './message.ts';

/** Directories of a team's volume, each with an entry for every agent. */
export interface MailDirectories {
  readonly sessions: string;
  /** With the messages and the answers of people. */
  readonly control: string;
  /** With the questions of agents. */
  readonly state: string;
}

/** A journal of several megabytes takes a multiple of its size while it is read. */
export const JOURNALS_AT_ONCE = 2;

/** Reads the latest mail of a team from its volume, in the order in which it was sent. */
export async function readMessages(
  native: NativeTeam,
  { sessions, control, state }: MailDirectories,
  agents: readonly string[],
): Promise<Correspondence> {
  const read = async (to: string) => {
    const { text = '', refused, isCut = false } = await readJournalOf(sessions, to);
    const delivered = readDeliveredMail(text);
    const waiting = latestMail(await readInbox(native, to));
    const people = await readPersonMessages(control, to);
    return {
      to,
      delivered: delivered.mail,
      waiting: waiting.mail,
      people,
      deliveredPeople: readDeliveredPersonIds(text, new Set(people.map(({ id }) => id))),
      answers: await readReceivedAnswers({ state, control }, to),
      isCut: isCut || delivered.isCut || waiting.isCut,
      refused,
    };
  };
  const boxes = await mapFew(agents, read, JOURNALS_AT_ONCE);
  const inboxes = await refusedInboxes(native, agents);
  return correspondenceOf(boxes, {
    missing: [],
    leftOut: [
      ...boxes.flatMap(({ to, refused }) =>
        refused === undefined
          ? []
          : [`The journal of ${shownName(to)} ${refused} and was not read.`],
      ),
      ...[...inboxes].map(
        ([agent, reason]) => `The inbox of ${shownName(agent)} ${reason} and was not read.`,
      ),
    ],
  });
}

/** The end of the journal of an agent, which the agent itself can write to. */
export async function readJournalOf(
  sessions: string,
  agent: string,
): Promise<{ readonly text?: string; readonly isCut?: boolean; readonly refused?: string }> {
  const reading = await inDirectory(sessions, [agent], (path) =>
    readEndOfAgent(join(path, JOURNAL_FILE), LIMITS.journalBytes),
  ).catch(refusalOf);
  return reading === undefined || 'missing' in reading ? {} : reading;
}
