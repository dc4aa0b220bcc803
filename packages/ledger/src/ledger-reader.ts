import { type FileHandle, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { asLost, isSettled, type LedgerEntry, parseEntry, supersedes } from './entry.ts';
import { LedgerTotals } from './ledger-totals.ts';

const CHUNK = 64 * 1024;

/**
 * A gateway repeats the last line of a reply under way this often, so that others can tell it from one
 * whose gateway was killed. By a reader's own watch: clocks jump, and those of two nodes differ.
 */
export const REPEAT_MS = 20_000;
const UNHEARD_MS = 60_000;

interface Position {
  offset: number;
  /** Bytes after the last line end: a line that is still being written. */
  rest: Buffer;
}

/**
 * Reads all ledgers of a team, and then only what is new: while nothing changes a `refresh` opens each
 * file and finds its end. It opens them each time because that is when NFS looks at the server again;
 * `stat` may be seconds old. What was counted once stays counted, even if a file is cut or replaced. A
 * reply of which nothing has been heard for a minute is charged at its dearest outcome: its gateway was
 * killed. Should it end after all, its last line takes the place of that.
 */
export class LedgerReader {
  readonly totals: LedgerTotals = new LedgerTotals();
  readonly #directory: string;
  readonly #positions: Map<string, Position> = new Map();
  readonly #entries: Map<string, LedgerEntry> = new Map();
  /** Replies under way, and when a line of each was last read. */
  readonly #underWay: Map<string, number> = new Map();
  #refreshing: Promise<void> = Promise.resolve();

  constructor(directory: string) {
    this.#directory = directory;
  }

  entry(id: string): LedgerEntry | undefined {
    return this.#entries.get(id);
  }

  /** One entry per request, its furthest. */
  entries(): readonly LedgerEntry[] {
    return [...this.#entries.values()];
  }

  /**
   * Reads what was appended since. Calls queue up, so that each sees what was there when it was made.
   * @param except an agent whose ledger this process writes, and counts by itself.
   */
  async refresh(except?: string): Promise<LedgerTotals> {
    const run = this.#refreshing.then(() => this.#readAll(except));
    this.#refreshing = run.catch(() => {});
    await run;
    return this.totals;
  }

  /** Counts an entry that this process has just written, without waiting for a read. */
  count(entry: LedgerEntry): void {
    const known = this.#entries.get(entry.id);
    if (this.#underWay.has(entry.id)) this.#underWay.set(entry.id, performance.now());
    if (known !== undefined && !supersedes(entry, known)) return;
    this.#entries.set(entry.id, entry);
    if (isSettled(entry)) this.#underWay.delete(entry.id);
    else this.#underWay.set(entry.id, performance.now());
    this.totals.replace(known, entry);
  }

  /**
   * Charges replies under way at their dearest outcome, for a reader that knows that no gateway of the
   * team is left.
   */
  giveUpUnderWay(): LedgerTotals {
    for (const id of this.#underWay.keys()) this.#giveUp(id);
    return this.totals;
  }

  #giveUp(id: string): void {
    const entry = this.#entries.get(id);
    if (entry !== undefined) this.count(asLost(entry));
  }

  async #readAll(except: string | undefined): Promise<void> {
    const names = await readdir(this.#directory).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw error;
    });
    const ledgers = names.filter((name) => name.endsWith('.jsonl') && name !== `${except}.jsonl`);
    await Promise.all(ledgers.map((name) => this.#readFile(name)));
    const now = performance.now();
    for (const [id, heard] of this.#underWay) if (now - heard > UNHEARD_MS) this.#giveUp(id);
  }

  async #readFile(name: string): Promise<void> {
    const path = join(this.#directory, name);
    const position = this.#positions.get(name) ?? { offset: 0, rest: Buffer.alloc(0) };
    this.#positions.set(name, position);
    const file = await open(path, 'r');
    try {
      const { size } = await file.stat();
      if (size < position.offset) {
        position.offset = 0;
        position.rest = Buffer.alloc(0);
      }
      if (size > position.offset) await this.#readFrom(file, position);
    } finally {
      await file.close();
    }
  }

  async #readFrom(file: FileHandle, position: Position): Promise<void> {
    const buffer = Buffer.alloc(CHUNK);
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, CHUNK, position.offset);
      if (bytesRead === 0) return;
      position.offset += bytesRead;
      const data = Buffer.concat([position.rest, buffer.subarray(0, bytesRead)]);
      const end = data.lastIndexOf(0x0a) + 1;
      position.rest = Buffer.from(data.subarray(end));
      for (const line of data.toString('utf8', 0, end).split('\n')) {
        const entry = parseEntry(line);
        if (entry !== undefined) this.count(entry);
      }
    }
  }
}
