import { join } from 'node:path';
import { LEAD } from '@agentteam/contract';
import { type Mail, mailId, parseProtocolMail, readInbox, readUntrusted } from '@agentteam/volume';
import type { LocalTeam } from '../host/local-team.ts';
import type { Message } from './message.ts';

/** The runner's record of what it gave to its agent: delivered mail is gone from the inboxes. */
const JOURNAL = 'journal.jsonl';
const MOST_BYTES = 64 << 20;

/**
 * The mail of a team in the order in which it was sent: what waits in the inboxes, and what the
 * runners' journals say was delivered. Both lie where agents may write, so nothing in them is taken
 * for more than what somebody says.
 */
export async function readMessages(team: LocalTeam): Promise<readonly Message[]> {
  const native = team.native(await team.workflow());
  const agents = [LEAD, ...team.record.team.spec.teammates.map(({ name }) => name)];
  const boxes = await Promise.all(
    agents.map(async (to) => {
      const delivered = await readJournal(join(team.volumes.sessions, to, JOURNAL));
      const known = new Set(delivered.map(mailId));
      const waiting = (await readInbox(native, to)).filter((mail) => !known.has(mailId(mail)));
      return [
        ...delivered.map((mail) => toMessage(mail, to, true)),
        ...waiting.map((mail) => toMessage(mail, to, false)),
      ];
    }),
  );
  return boxes.flat().toSorted((a, b) => a.at.localeCompare(b.at));
}

/** Mail that was handed to an agent, each once, however often a restart handed it out again. */
async function readJournal(path: string): Promise<readonly Mail[]> {
  const text = (await readUntrusted(path, MOST_BYTES)) ?? '';
  const mail = text.split('\n').flatMap(mailIn);
  return [...new Map(mail.map((one) => [mailId(one), one])).values()];
}

function mailIn(line: string): readonly Mail[] {
  try {
    const entry = JSON.parse(line) as { readonly mail?: unknown };
    return Array.isArray(entry.mail) ? entry.mail.filter(isMail) : [];
  } catch {
    // A line that a crash tore.
    return [];
  }
}

function isMail(value: unknown): value is Mail {
  const mail = value as Partial<Mail> | null;
  return [mail?.from, mail?.text, mail?.timestamp].every((field) => typeof field === 'string');
}

function toMessage(mail: Mail, to: string, delivered: boolean): Message {
  return { from: mail.from, to, at: mail.timestamp, delivered, ...contentOf(mail) };
}

/** What a protocol message says, in words. */
function contentOf({ text }: Mail): Pick<Message, 'kind' | 'text'> {
  const protocol = parseProtocolMail(text);
  switch (protocol?.type) {
    case undefined:
      return { kind: 'message', text };
    case 'task_assignment':
      return { kind: 'task', text: `#${protocol.taskId} ${protocol.subject}` };
    case 'idle_notification':
      return { kind: 'idle', text: protocol.result ?? protocol.failureReason ?? '' };
    case 'shutdown_request':
      return { kind: 'shutdown', text: `asks to stop: ${protocol.reason ?? 'no reason given'}` };
    case 'shutdown_approved':
      return { kind: 'shutdown', text: 'agrees to stop' };
  }
}
