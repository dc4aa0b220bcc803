import { randomUUID } from 'node:crypto';
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { cutText } from '@agentteam/text';
import { LIMITS } from './file/limits.ts';
import { type HeldLock, withLock } from './file/lock.ts';
import { safeName } from './file/name.ts';
import { inCreatedDirectory, inDirectory } from './file/open-directory.ts';
import { readJsonOfAgent, refusalOf, sizeText } from './file/read.ts';
import { replaceJson } from './file/write.ts';
import { type Mail, toMail } from './mail.ts';
import { INBOXES, type NativeTeam, nativeName } from './native-team.ts';
import { selectMail } from './select-mail.ts';

export interface OutgoingMail {
  readonly from: string;
  readonly text: string;
  readonly summary?: string;
  readonly color?: string;
}

/** Adds a message to an agent's inbox, as SendMessage does. An unreadable inbox is replaced. */
export async function sendMail(at: NativeTeam, to: string, outgoing: OutgoingMail): Promise<Mail> {
  const { from, summary, color } = outgoing;
  const text = cutText(outgoing.text, LIMITS.mailCharacters);
  return changeInbox(at, to, async (file, lock) => {
    const mail: Mail = {
      from,
      text,
      ...(summary !== undefined && { summary }),
      timestamp: new Date().toISOString(),
      ...(color !== undefined && { color }),
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

/** The unread mail in an inbox. Takes no lock, because Claude Code replaces the file as a whole. */
export async function readInbox(at: NativeTeam, agent: string): Promise<readonly Mail[]> {
  return (await openInbox(at, agent)).mail.filter((mail) => !mail.read);
}

/** The mail of one delivery, and the mail that is dropped. */
export interface TakenMail {
  readonly mail: readonly Mail[];
  /** By sender, the number of messages that are removed without being delivered. */
  readonly dropped: ReadonlyMap<string, number>;
  /** Why the whole inbox was emptied unread: `is larger than 8 MiB`. */
  readonly emptied?: string;
}

/**
 * Takes mail from an inbox, up to the {@link LIMITS} of one delivery. The rest waits, and what exceeds
 * the limits of an inbox is dropped.
 * @param known names of the team's members: see {@link selectMail}.
 * @param record stores the messages durably while the inbox is locked; they are removed from the inbox
 *   afterwards. A crash in between leaves them in both places, where {@link mailId} identifies them. If
 *   `record` throws, the inbox does not change.
 */
export async function takeMail(
  at: NativeTeam,
  agent: string,
  known: ReadonlySet<string>,
  record: (taken: TakenMail) => Promise<void>,
): Promise<readonly Mail[]> {
  // Most calls find nothing, and need no lock to see that.
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
    await record({
      mail: chosen,
      dropped: countBySender(waiting.rest, known),
      ...(inbox.refused !== undefined && { emptied: inbox.refused }),
    });
    lock.assertHeld();
    const kept = inbox.mail.filter((one) => one.read).slice(-LIMITS.inboxMail);
    await replaceJson(file, [...kept, ...waiting.chosen]);
    return chosen;
  });
}

/** Counts mail by sender. Senders outside the team are counted together, as ''. */
function countBySender(
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

/** By agent, why its inbox is not read. Agents with a readable inbox are not in the result. */
export async function refusedInboxes(
  at: NativeTeam,
  agents: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const found = await inDirectory(at.teams, [nativeName(at.team), INBOXES], async (path) => {
    const inboxes = agents.map(async (agent) => {
      // Its directory may not be searchable. An agent without mail has no inbox.
      const stat = await lstat(join(path, fileOf(agent))).catch(
        ({ code }: NodeJS.ErrnoException) => code,
      );
      if (stat === 'ENOENT') return [];
      if (typeof stat !== 'object') return [[agent, 'cannot be reached'] as const];
      if (!stat.isFile()) return [[agent, 'is not a plain file'] as const];
      return stat.size > LIMITS.inboxBytes
        ? [[agent, `is larger than ${sizeText(LIMITS.inboxBytes)}`] as const]
        : [];
    });
    return (await Promise.all(inboxes)).flat();
  }).catch((error: unknown) => {
    refusalOf(error);
    return agents.map((agent) => [agent, 'cannot be reached'] as const);
  });
  return new Map(found);
}

function fileOf(agent: string): string {
  return `${safeName(agent)}.json`;
}

interface Inbox {
  readonly mail: readonly Mail[];
  /** Why the file was not read. */
  readonly refused?: string;
}

async function openInbox(at: NativeTeam, agent: string): Promise<Inbox> {
  const file = fileOf(agent);
  const read = inDirectory(at.teams, [nativeName(at.team), INBOXES], (path) =>
    readMail(join(path, file)),
  );
  // If an agent replaced the directory with a link, there is no mail that could be taken either.
  const inbox = await read.catch((error: unknown) => void refusalOf(error));
  return inbox ?? { mail: [] };
}

async function changeInbox<T>(
  at: NativeTeam,
  agent: string,
  work: (file: string, lock: HeldLock) => Promise<T>,
): Promise<T> {
  const name = fileOf(agent);
  return inCreatedDirectory(at.teams, [nativeName(at.team), INBOXES], (path) => {
    const file = join(path, name);
    return withLock(file, (lock) => work(file, lock));
  });
}

async function readMail(file: string): Promise<Inbox> {
  const reading = await readJsonOfAgent(file, LIMITS.inboxBytes);
  if ('missing' in reading) return { mail: [] };
  if ('refused' in reading) return { mail: [], refused: reading.refused };
  return { mail: toMail(reading.value) };
}
