import { constants } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type ReadPosition, readAppendedLines, startOfFile } from './appended-lines.ts';
import { asLost, isSettled, type LedgerEntry, parseEntry, supersedes } from './entry.ts';
import { LedgerTotals } from './ledger-totals.ts';
import { readReserved } from './reserved-lines.ts';

/**
 * Interval at which a gateway repeats the last line of an open request, so that readers know that it
 * was not killed. Readers use their own clock: clocks jump, and those of two nodes differ.
 */
export const REPEAT_MS = 20_000;
const LOST_AFTER_MS = 60_000;

/** In a run that somebody else made, a ledger may be a pipe, whose opening would wait without end, or a link. */
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Both are far more than a gateway writes: a line has about 600 bytes, and a request has two lines. */
const MAX_LINE_BYTES = 1 << 20;
const MAX_LEDGER_BYTES = 1 << 30;

/**
 * Reads all ledgers of a team. Each refresh reads only new lines. It opens the files again, because NFS
 * checks the server only then, and `stat` may return old results. Counted entries stay counted, even if
 * a file is truncated or replaced. A request without a new line for a minute counts as lost, and the
 * most that it can cost is charged. If it ends after all, its last line replaces that charge.
 */
export class LedgerReader {
  readonly totals: LedgerTotals = new LedgerTotals();
  readonly #directory: string;
  readonly #positions: Map<string, ReadPosition> = new Map();
  readonly #entries: Map<string, LedgerEntry> = new Map();
  /** Open requests, and when a line of each was last read. */
  readonly #open: Map<string, number> = new Map();
  #refreshing: Promise<void> = Promise.resolve();

  constructor(directory: string) {
    this.#directory = directory;
  }

  entry(id: string): LedgerEntry | undefined {
    return this.#entries.get(id);
  }

  /** The latest entry of each request. */
  entries(): readonly LedgerEntry[] {
    return [...this.#entries.values()];
  }

  /**
   * Reads new lines. Calls run one after another, so that each sees what was written before it.
   * @param except an agent whose ledger this process writes, and counts itself.
   */
  async refresh(except?: string): Promise<LedgerTotals> {
    const run = this.#refreshing.then(() => this.#readAll(except));
    this.#refreshing = run.catch(() => {});
    await run;
    return this.totals;
  }

  /** Counts an entry that this process has written, without reading it back. */
  count(entry: LedgerEntry): void {
    const known = this.#entries.get(entry.id);
    if (this.#open.has(entry.id)) this.#open.set(entry.id, performance.now());
    if (known !== undefined && !supersedes(entry, known)) return;
    this.#entries.set(entry.id, entry);
    if (isSettled(entry)) this.#open.delete(entry.id);
    else this.#open.set(entry.id, performance.now());
    this.totals.replace(known, entry);
  }

  /** Counts all open requests as lost. Call this only when no gateway of the team is running. */
  settleOpen(): LedgerTotals {
    this.#settleAsLost([...this.#open.keys()]);
    return this.totals;
  }

  /** A gateway whose disk was full may have kept how a request ended. */
  #settleAsLost(ids: readonly string[]): void {
    if (ids.length === 0) return;
    for (const entry of readReserved(this.#directory)) this.count(entry);
    for (const id of ids) {
      const entry = this.#entries.get(id);
      if (entry !== undefined) this.count(asLost(entry));
    }
  }

  async #readAll(except: string | undefined): Promise<void> {
    const names = await readdir(this.#directory).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw error;
    });
    const ledgers = names.filter((name) => name.endsWith('.jsonl') && name !== `${except}.jsonl`);
    await Promise.all(ledgers.map((name) => this.#readFile(name)));
    const now = performance.now();
    const silent = [...this.#open].filter(([, readAt]) => now - readAt > LOST_AFTER_MS);
    this.#settleAsLost(silent.map(([id]) => id));
  }

  async #readFile(name: string): Promise<void> {
    const path = join(this.#directory, name);
    const position = this.#positions.get(name) ?? startOfFile();
    this.#positions.set(name, position);
    const file = await open(path, FLAGS);
    try {
      const stat = await file.stat();
      if (!stat.isFile()) throw new Error(`the ledger ${path} is not a plain file`);
      const { size } = stat;
      if (size > MAX_LEDGER_BYTES) throw new Error(`the ledger ${path} has more than 1 GiB`);
      if (size < position.offset) Object.assign(position, startOfFile());
      if (size === position.offset) return;
      for await (const lines of readAppendedLines(file, position, MAX_LINE_BYTES)) {
        for (const line of lines) {
          const entry = parseEntry(line);
          if (entry !== undefined) this.count(entry);
        }
      }
    } finally {
      await file.close();
    }
  }
}
