import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isRecord, parseJson, readTime } from '@agentteam/contract';
import type { Interrupt } from './interrupt.ts';
import { LatestMail, type ListedMail } from './latest-mail.ts';
import { type Mail, mailId, toMail } from './mail.ts';
import { type PersonMessage, toPersonMessage } from './person-message.ts';

/** The file in an agent's session directory. */
export const JOURNAL_FILE = 'journal.jsonl';

/** One message to an agent. Its uuid comes back in the agent CLI's output and in its transcript. */
export interface Delivery {
  readonly uuid: string;
  readonly text: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** The mail in the message, as it was taken from the inbox; empty for the runner's own messages. */
  readonly mail: readonly Mail[];
  /** The person's message that this is. */
  readonly person?: PersonMessage;
}

type Entry =
  | ({ readonly type: 'delivery' } & Delivery)
  | ({ readonly type: 'interrupt' } & Interrupt)
  | { readonly type: 'turn-ended'; readonly at: string; readonly text: string };

/**
 * The messages to one agent, in order. A message is written to disk before it is sent, and mail is
 * removed from the inbox only when it is in the journal. A restarted runner sends again what the agent
 * may not have read. The journal is also the only record of delivered mail.
 */
export class Journal {
  readonly #path: string;
  #entries: readonly Entry[];

  private constructor(path: string, entries: readonly Entry[]) {
    this.#path = path;
    this.#entries = entries;
  }

  /** @param directory the agent's session directory, which survives restarts. */
  static async open(directory: string): Promise<Journal> {
    const path = join(directory, JOURNAL_FILE);
    return new Journal(path, await readEntries(path));
  }

  get deliveries(): readonly Delivery[] {
    return this.#entries.filter((entry) => entry.type === 'delivery');
  }

  /** The {@link mailId} of all mail in the journal. */
  get mailIds(): ReadonlySet<string> {
    return new Set(this.deliveries.flatMap(({ mail }) => mail.map(mailId)));
  }

  /** The ids of people's messages in the journal. */
  get personMessageIds(): ReadonlySet<string> {
    return new Set(this.deliveries.flatMap(({ person }) => person?.id ?? []));
  }

  /** Whether a message of the runner itself starts with this text. */
  hasStart(text: string): boolean {
    return this.#ownMessages.some((message) => message.startsWith(text));
  }

  /** Whether a message of the runner itself contains this text. */
  contains(text: string): boolean {
    return this.#ownMessages.some((message) => message.includes(text));
  }

  get #ownMessages(): readonly string[] {
    return this.deliveries
      .filter(({ mail, person }) => mail.length === 0 && person === undefined)
      .map(({ text }) => text);
  }

  /** Whether the agent was in a turn when its process ended: it got a message after its last turn ended. */
  get isInTurn(): boolean {
    return this.#entries.at(-1)?.type === 'delivery';
  }

  /** The latest interrupt of the agent. */
  get lastInterrupt(): Interrupt | undefined {
    return this.#entries.findLast((entry) => entry.type === 'interrupt');
  }

  /** Whether the agent has got no message since it was interrupted last. */
  get isInterrupted(): boolean {
    const last = this.#entries.findLast(({ type }) => type !== 'turn-ended');
    return last?.type === 'interrupt';
  }

  /** The agent's text at the end of its latest turn. */
  get lastText(): string {
    return this.#entries.findLast((entry) => entry.type === 'turn-ended')?.text ?? '';
  }

  async addDelivery(delivery: Delivery): Promise<void> {
    await this.#append({ type: 'delivery', ...delivery });
  }

  async addInterrupt(interrupt: Interrupt): Promise<void> {
    await this.#append({ type: 'interrupt', ...interrupt });
  }

  async addTurnEnd(text: string): Promise<void> {
    await this.#append({ type: 'turn-ended', at: new Date().toISOString(), text });
  }

  async #append(entry: Entry): Promise<void> {
    const file = await open(this.#path, 'a', 0o600);
    try {
      await file.appendFile(`${JSON.stringify(entry)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    this.#entries = [...this.#entries, entry];
  }
}

/** Drops a last line that a crash cut off: what it recorded has not been done. */
async function readEntries(path: string): Promise<readonly Entry[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  const end = text.lastIndexOf('\n') + 1;
  if (end < text.length) {
    const file = await open(path, 'r+');
    await file.truncate(Buffer.byteLength(text.slice(0, end)));
    await file.close();
  }
  const lines = text.slice(0, end).split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as Entry);
}

/**
 * Reads the latest mail in the text of a journal that an agent may have changed. Each message is listed once,
 * even if a restart delivered it again; lines that are not JSON are skipped.
 */
export function readDeliveredMail(journal: string): ListedMail {
  const latest = new LatestMail();
  for (const line of linesFromEnd(journal)) {
    const entry = parseJson(line);
    const mail = isRecord(entry) ? toMail(entry['mail']) : [];
    if (!mail.toReversed().every((one) => latest.add(one))) break;
  }
  return latest.listed;
}

/**
 * Finds out which messages of people are in the text of a journal that an agent may have changed.
 * @param sent the ids of the messages to look for.
 */
export function readDeliveredPersonIds(
  journal: string,
  sent: ReadonlySet<string>,
): ReadonlySet<string> {
  const found = new Set<string>();
  if (sent.size === 0) return found;
  for (const line of linesFromEnd(journal)) {
    const entry = parseJson(line);
    const id = isRecord(entry) ? toPersonMessage(entry['person'])?.id : undefined;
    if (id !== undefined && sent.has(id)) found.add(id);
  }
  return found;
}

/** A turn of an agent, from the first message in it. */
export interface Turn {
  /** ISO 8601, as `to` is. */
  readonly from: string;
  /** Absent for a turn that has not ended. */
  readonly to?: string;
}

/**
 * Reads the turns in the text of a journal that an agent may have changed, the first one first.
 * @param most number of turns that are read.
 */
export function readTurns(journal: string, most: number): readonly Turn[] {
  const turns: Turn[] = [];
  let from: string | undefined;
  for (const line of journal.split('\n')) {
    const entry = parseJson(line);
    const at = isRecord(entry) ? readTime(entry['at']) : undefined;
    if (!isRecord(entry) || at === undefined) continue;
    if (entry['type'] === 'delivery') from ??= at;
    if (entry['type'] !== 'turn-ended' || from === undefined) continue;
    turns.push({ from, to: at });
    if (turns.length >= most) return turns;
    from = undefined;
  }
  if (from !== undefined) turns.push({ from });
  return turns;
}

/** The lines of a text, the last one first. */
function* linesFromEnd(text: string): Iterable<string> {
  for (let end = text.length; end >= 0; ) {
    const start = end === 0 ? -1 : text.lastIndexOf('\n', end - 1);
    yield text.slice(start + 1, end);
    end = start;
  }
}
