import { join } from 'node:path';
import {
  inDirectory,
  JOURNAL_FILE,
  LIMITS,
  mapFew,
  type NativeTeam,
  readDeliveredMail,
  readDeliveredPersonIds,
  readFileOfAgent,
  readInbox,
  readPersonMessages,
  refusalOf,
  refusedInboxes,
} from '@agentteam/volume';
import { readReceivedAnswers } from './answers.ts';
import { type Correspondence, messagesIn } from './message.ts';

/** Directories of a team's volume, each with an entry for every agent. */
export interface MailDirectories {
  readonly sessions: string;
  /** With the messages and the answers of people. */
  readonly control: string;
  /** With the questions of agents. */
  readonly state: string;
}

/** Reads the mail of a team from its volume, in the order in which it was sent. */
export async function readMessages(
  native: NativeTeam,
  { sessions, control, state }: MailDirectories,
  agents: readonly string[],
): Promise<Correspondence> {
  const boxes = await mapFew(agents, async (to) => {
    const { text = '', refused } = await readJournalOf(sessions, to);
    return {
      to,
      delivered: readDeliveredMail(text),
      people: await readPersonMessages(control, to),
      deliveredPeople: readDeliveredPersonIds(text),
      answers: await readReceivedAnswers({ state, control }, to),
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

/** The journal of an agent, which the agent itself can write to. */
export async function readJournalOf(
  sessions: string,
  agent: string,
): Promise<{ readonly text?: string; readonly refused?: string }> {
  const reading = await inDirectory(sessions, [agent], (path) =>
    readFileOfAgent(join(path, JOURNAL_FILE), LIMITS.journalBytes),
  ).catch(refusalOf);
  return reading === undefined || 'missing' in reading ? {} : reading;
}
