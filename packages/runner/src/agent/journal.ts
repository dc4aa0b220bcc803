import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Mail, mailId } from '@agentteam/volume';

/** One message to the agent. Its uuid comes back in the CLI's output and in its transcript. */
export interface Delivery {
  readonly uuid: string;
  readonly text: string;
  readonly at: string;
  /** The mail in it, as it was taken from the inbox; empty for what the runner itself says. */
  readonly mail: readonly Mail[];
}

type Entry =
  | ({ readonly type: 'delivery' } & Delivery)
  | { readonly type: 'turn-ended'; readonly at: string; readonly text: string };

const FILE = 'journal.jsonl';

/**
 * What an agent was told, in order, durable before it is told: mail is struck from its inbox when
 * it stands here, and whoever starts the agent again finds here what it may not have read. It is
 * also the record of the team's mail: what has been delivered is gone from the inboxes.
 */
export class Journal {
  readonly #path: string;
  #entries: readonly Entry[];

  private constructor(path: string, entries: readonly Entry[]) {
    this.#path = path;
    this.#entries = entries;
  }

  /** @param directory the agent's own, kept over restarts. */
  static async open(directory: string): Promise<Journal> {
    const path = join(directory, FILE);
    return new Journal(path, await readEntries(path));
  }

  get deliveries(): readonly Delivery[] {
    return this.#entries.filter((entry) => entry.type === 'delivery');
  }

  /** Ids of all mail that stands here. */
  get mailIds(): ReadonlySet<string> {
    return new Set(this.deliveries.flatMap(({ mail }) => mail.map(mailId)));
  }

  /** Whether the runner itself has said something that begins so. */
  said(words: string): boolean {
    return this.deliveries.some(({ mail, text }) => mail.length === 0 && text.startsWith(words));
  }

  /** Whether the runner itself has said this, among other things or alone. */
  told(words: string): boolean {
    return this.deliveries.some(({ mail, text }) => mail.length === 0 && text.includes(words));
  }

  /** Whether something was delivered since the last turn ended: the agent was in the middle of it. */
  get inTurn(): boolean {
    return this.#entries.at(-1)?.type === 'delivery';
  }

  async deliver(delivery: Delivery): Promise<void> {
    await this.#append({ type: 'delivery', ...delivery });
  }

  /** What the agent said last, at the end of its latest turn. */
  get lastWords(): string {
    return this.#entries.findLast((entry) => entry.type === 'turn-ended')?.text ?? '';
  }

  async turnEnded(text: string): Promise<void> {
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

/** A last line that a crash tore was not acted on: whatever it was about has not been done. */
async function readEntries(path: string): Promise<readonly Entry[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  const torn = text.lastIndexOf('\n') + 1;
  if (torn < text.length) {
    const file = await open(path, 'r+');
    await file.truncate(Buffer.byteLength(text.slice(0, torn)));
    await file.close();
  }
  const lines = text.slice(0, torn).split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as Entry);
}
