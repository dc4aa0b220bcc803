import { createHash, randomUUID } from 'node:crypto';
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { cutText } from '@agentteam/text';
import { LIMITS } from './file/limits.ts';
import { type HeldLock, withLock } from './file/lock.ts';
import { safeName } from './file/name.ts';
import { inDirectory, inMadeDirectory } from './file/open-directory.ts';
import { isRecord } from './file/parse-json.ts';
import { readJsonOfAgent, refusalOf, sizeText } from './file/read.ts';
import { replaceJson } from './file/write.ts';
import { type NativeTeam, nativeName } from './native-team.ts';
import { selectMail } from './select-mail.ts';

/** A message as Claude Code keeps it in an inbox. `from`, `text`, `timestamp` and `read` are always there. */
export interface Mail {
  readonly from: string;
  readonly text: string;
  readonly summary?: string;
  /** ISO 8601, UTC. */
  readonly timestamp: string;
  readonly color?: string;
  readonly msgV?: number;
  readonly msg_id?: string;
  readonly type?: string;
  readonly read: boolean;
}

export interface OutgoingMail {
  readonly from: string;
  readonly text: string;
  readonly summary?: string;
  readonly color?: string;
}

/** Puts a message into an agent's inbox, as SendMessage does. An inbox that cannot be read begins anew. */
export async function sendMail(at: NativeTeam, to: string, outgoing: OutgoingMail): Promise<Mail> {
  const { from, summary, color } = outgoing;
  const text = cutText(outgoing.text, LIMITS.mailCharacters);
  return changeInbox(at, to, async (file, lock) => {
    const mail: Mail = {
      from,
      text,
      ...(summary === undefined ? {} : { summary }),
      timestamp: new Date().toISOString(),
      ...(color === undefined ? {} : { color }),
      msgV: 1,
      msg_id: randomUUID(),
      type: 'message',
      read: false,
    };
    const { mail: inbox } = await readMail(file);
    lock.assertHeld();
    await replaceJson(file, [...inbox, mail]);
    return mail;
  });
}

/** What waits in an inbox. Takes no lock: Claude Code replaces the file as a whole. */
export async function readInbox(at: NativeTeam, agent: string): Promise<readonly Mail[]> {
  return (await openInbox(at, agent)).mail.filter((mail) => !mail.read);
}

/** Mail that an agent gets at a time, and what it does not get. */
export interface TakenMail {
  readonly mail: readonly Mail[];
  /** Mail that is removed without being given to anybody: how many messages under which name. */
  readonly leftOut: ReadonlyMap<string, number>;
  /** Why the whole inbox was emptied unread: `is larger than 8 MiB`. */
  readonly emptied?: string;
}

/**
 * Takes what waits in an inbox, as much as {@link LIMITS} allow at a time: the rest waits, and what
 * is more than an inbox may hold is left out. While the inbox is locked `journal` puts the messages
 * somewhere durable; only then are they removed. A crash in between leaves them in both places: a
 * journal knows what it has by {@link mailId}. If `journal` throws, the inbox stays as it was.
 * @param known names of the team's members: see {@link selectMail}.
 */
export async function takeMail(
  at: NativeTeam,
  agent: string,
  known: ReadonlySet<string>,
  journal: (taken: TakenMail) => Promise<void>,
): Promise<readonly Mail[]> {
  // Most looks find nothing, and need no lock to see that.
  const { mail, refused } = await openInbox(at, agent);
  if (refused === undefined && mail.every(({ read }) => read)) return [];
  return changeInbox(at, agent, async (file, lock) => {
    const inbox = await readMail(file);
    const unread = inbox.mail.filter(({ read }) => !read);
    if (unread.length === 0 && inbox.refused === undefined) return [];
    const { chosen, rest } = selectMail(unread, known, {
      messages: LIMITS.deliveryMail,
      characters: LIMITS.deliveryCharacters,
    });
    const waiting = selectMail(rest, known, {
      messages: LIMITS.inboxMail,
      characters: LIMITS.inboxCharacters,
    });
    await journal({
      mail: chosen,
      leftOut: countSenders(waiting.rest, known),
      ...(inbox.refused === undefined ? {} : { emptied: inbox.refused }),
    });
    lock.assertHeld();
    const kept = inbox.mail.filter((one) => one.read).slice(-LIMITS.inboxMail);
    await replaceJson(file, [...kept, ...waiting.chosen]);
    return chosen;
  });
}

/** Names that are not the team's are counted together, as ''. */
function countSenders(
  mail: readonly Mail[],
  known: ReadonlySet<string>,
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { from } of mail) {
    const name = known.has(from) ? from : '';
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

/** Why an inbox is not read, for each that is not. */
export async function refusedInboxes(
  at: NativeTeam,
  agents: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const found = await inDirectory(at.teams, [nativeName(at.team), INBOXES], async (path) => {
    const inboxes = agents.map(async (agent) => {
      const stat = await lstat(join(path, fileOf(agent))).catch(() => undefined);
      if (stat === undefined) return [];
      if (!stat.isFile()) return [[agent, 'is not a plain file'] as const];
      return stat.size > LIMITS.inboxBytes
        ? [[agent, `is larger than ${sizeText(LIMITS.inboxBytes)}`] as const]
        : [];
    });
    return (await Promise.all(inboxes)).flat();
  });
  return new Map(found);
}

/** Tells one message from another: its `msg_id`, or a hash of all of it where it has none. */
export function mailId(mail: Mail): string {
  return mail.msg_id ?? createHash('sha256').update(JSON.stringify(mail)).digest('hex');
}

const INBOXES = 'inboxes';

function fileOf(agent: string): string {
  return `${safeName(agent)}.json`;
}

interface Inbox {
  readonly mail: readonly Mail[];
  /** Why there is something that was not read. */
  readonly refused?: string;
}

async function openInbox(at: NativeTeam, agent: string): Promise<Inbox> {
  const file = fileOf(agent);
  const read = inDirectory(at.teams, [nativeName(at.team), INBOXES], (path) =>
    readMail(join(path, file)),
  );
  // Where a link stands in the directory's place there is no mail that could be taken either.
  const inbox = await read.catch((error: unknown) => void refusalOf(error));
  return inbox ?? { mail: [] };
}

async function changeInbox<T>(
  at: NativeTeam,
  agent: string,
  work: (file: string, lock: HeldLock) => Promise<T>,
): Promise<T> {
  const name = fileOf(agent);
  return inMadeDirectory(at.teams, [nativeName(at.team), INBOXES], (path) => {
    const file = join(path, name);
    return withLock(file, (lock) => work(file, lock));
  });
}

async function readMail(file: string): Promise<Inbox> {
  const reading = await readJsonOfAgent(file, LIMITS.inboxBytes);
  if ('missing' in reading) return { mail: [] };
  if ('refused' in reading) return { mail: [], refused: reading.refused };
  const mail = Array.isArray(reading.value) ? reading.value.filter(isMail) : [];
  return { mail: mail.map((one) => ({ ...one, text: cutText(one.text, LIMITS.mailCharacters) })) };
}

function isMail(value: unknown): value is Mail {
  return (
    isRecord(value) &&
    isShort(value['from']) &&
    typeof value['text'] === 'string' &&
    isShort(value['timestamp']) &&
    typeof value['read'] === 'boolean' &&
    ['msg_id', 'summary', 'color'].every(
      (field) => value[field] === undefined || isShort(value[field]),
    )
  );
}

/** All of a message but its text is a name, a time or a line. */
function isShort(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 1000;
}
