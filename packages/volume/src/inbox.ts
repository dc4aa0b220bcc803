import { createHash, randomUUID } from 'node:crypto';
import { withLock } from './file/lock.ts';
import { isRecord, readUntrustedJson } from './file/read.ts';
import { writeJson } from './file/write.ts';
import { inboxFile, type NativeTeam } from './native-team.ts';

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

/** Puts a message into an agent's inbox, as SendMessage does. An inbox that is not JSON any more begins anew. */
export async function sendMail(at: NativeTeam, to: string, outgoing: OutgoingMail): Promise<Mail> {
  const file = inboxFile(at, to);
  const { from, text, summary, color } = outgoing;
  return withLock(file, async (lock) => {
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
    const inbox = await readMail(file);
    lock.assertHeld();
    await writeJson(file, [...inbox, mail]);
    return mail;
  });
}

/** What waits in an inbox. Takes no lock: Claude Code replaces the file as a whole. */
export async function readInbox(at: NativeTeam, agent: string): Promise<readonly Mail[]> {
  return (await readMail(inboxFile(at, agent))).filter((mail) => !mail.read);
}

/**
 * Takes what waits in an inbox. While the inbox is locked `journal` puts the messages somewhere
 * durable; only then are they removed. A crash in between leaves them in both places: a journal
 * knows what it has by {@link mailId}. If `journal` throws, the inbox stays as it was.
 */
export async function takeMail(
  at: NativeTeam,
  agent: string,
  journal: (mail: readonly Mail[]) => Promise<void>,
): Promise<readonly Mail[]> {
  // Most looks find nothing, and need no lock to see that.
  if ((await readInbox(at, agent)).length === 0) return [];
  const file = inboxFile(at, agent);
  return withLock(file, async (lock) => {
    const inbox = await readMail(file);
    const taken = inbox.filter((mail) => !mail.read);
    if (taken.length === 0) return [];
    await journal(taken);
    lock.assertHeld();
    await writeJson(
      file,
      inbox.filter((mail) => mail.read),
    );
    return taken;
  });
}

/** Tells one message from another: its `msg_id`, or a hash of all of it where it has none. */
export function mailId(mail: Mail): string {
  return mail.msg_id ?? createHash('sha256').update(JSON.stringify(mail)).digest('hex');
}

async function readMail(file: string): Promise<readonly Mail[]> {
  const value = await readUntrustedJson(file);
  return Array.isArray(value) ? value.filter(isMail) : [];
}

function isMail(value: unknown): value is Mail {
  return (
    isRecord(value) &&
    typeof value['from'] === 'string' &&
    typeof value['text'] === 'string' &&
    typeof value['timestamp'] === 'string' &&
    typeof value['read'] === 'boolean' &&
    (value['msg_id'] === undefined || typeof value['msg_id'] === 'string') &&
    (value['summary'] === undefined || typeof value['summary'] === 'string') &&
    (value['color'] === undefined || typeof value['color'] === 'string')
  );
}
