import { closeSync, constants, fdatasync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { promisify } from 'node:util';
import { formatEntry, type LedgerEntry, parseEntry } from './entry.ts';
import { ReservedLines } from './reserved-lines.ts';

const sync = promisify(fdatasync);

/** A line could not be written. Further requests would not be counted. */
export class LedgerWriteError extends Error {
  override readonly name: string = 'LedgerWriteError';
}

/** Path of an agent's ledger in the team's ledger directory. */
export function ledgerFile(directory: string, agent: string): string {
  return join(directory, `${agent}.jsonl`);
}

/**
 * Appends to one agent's ledger. Each line is a single `write` to a file opened with O_APPEND, so lines
 * of two writers never mix, and a process that is killed afterwards loses nothing. Syncs follow in the
 * background, several lines at a time: on a network file system, other nodes see the lines only then.
 */
export class LedgerWriter {
  readonly #path: string;
  readonly #reserved: ReservedLines;
  #descriptor: number;
  /** Lines that could not be written. They are written before any other. */
  #unwritten: string[] = [];
  #syncing: Promise<void> | undefined;
  #unsynced = false;
  #syncError: Error | undefined;
  /** Whether the file may end with an incomplete line: of an earlier gateway, or after a failed write. */
  #mayEndInLine = true;

  /** @throws a system error when the file cannot be opened for appending. */
  constructor(directory: string, agent: string) {
    this.#path = ledgerFile(directory, agent);
    const flags = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW;
    this.#descriptor = openSync(this.#path, flags, 0o640);
    this.#reserved = new ReservedLines(directory, agent);
    this.#unwritten.push(...this.#reserved.left);
  }

  /** Entries that are not in the file yet, also those that an earlier gateway could not write. */
  get unwritten(): readonly LedgerEntry[] {
    return this.#unwritten.flatMap((line) => parseEntry(line) ?? []);
  }

  /** @throws LedgerWriteError when the write fails. The line is kept, and written before the next. */
  append(entry: LedgerEntry): void {
    this.#unwritten.push(formatEntry(entry));
    this.flush();
  }

  /**
   * Appends the first line of a request, and makes sure that a full disk has space for its last one.
   * @throws LedgerWriteError when either fails. The line is dropped then.
   */
  appendOrDrop(entry: LedgerEntry): void {
    this.flush();
    this.#unwritten.push(formatEntry(entry));
    try {
      this.#reserved.allocate();
      this.#write();
    } catch (cause) {
      this.#unwritten.pop();
      throw this.#failure(cause);
    }
  }

  /** Writes lines that could not be written before. @throws LedgerWriteError when that fails again. */
  flush(): void {
    try {
      this.#write();
      this.#reserved.clear();
    } catch (cause) {
      this.#keepUnwritten();
      throw this.#failure(cause);
    }
  }

  #write(): void {
    while (this.#unwritten.length > 0) {
      const isJoined = this.#mayEndInLine && this.#endsInLine();
      const line = Buffer.from(`${isJoined ? '\n' : ''}${this.#unwritten[0]}\n`);
      this.#mayEndInLine = true;
      const written = writeSync(this.#descriptor, line);
      if (written < line.length) throw new Error(`${written} of ${line.length} bytes written`);
      this.#mayEndInLine = false;
      this.#unsynced = true;
      this.#unwritten.shift();
    }
    const error = this.#syncError;
    this.#syncError = undefined;
    if (error) throw error;
    if (this.#unsynced) this.#syncing ??= this.#syncLoop();
  }

  /** Resolves when all syncs have ended, whether they succeeded or not. */
  async synced(): Promise<void> {
    while (this.#syncing) await this.#syncing;
  }

  async close(): Promise<void> {
    await this.synced();
    closeSync(this.#descriptor);
    this.#reserved.close();
  }

  /** Keeps the lines for the next gateway of this agent, if this one ends before there is space. */
  #keepUnwritten(): void {
    try {
      this.#reserved.store(this.#unwritten);
    } catch {
      // The caller learns that the ledger itself cannot be written.
    }
  }

  #failure(cause: unknown): LedgerWriteError {
    const message = `cannot write ${this.#path}: ${(cause as Error).message}`;
    return new LedgerWriteError(message, { cause });
  }

  async #syncLoop(): Promise<void> {
    try {
      while (this.#unsynced) {
        // First let this turn of the event loop end, in which a request may be sent or more lines be written.
        await turn();
        this.#unsynced = false;
        await sync(this.#descriptor);
      }
    } catch (error) {
      this.#unsynced = true;
      this.#syncError = error as Error;
    } finally {
      this.#syncing = undefined;
    }
  }

  /** Whether the file ends with an incomplete line, after a full disk or a lost node. */
  #endsInLine(): boolean {
    const { size } = fstatSync(this.#descriptor);
    if (size === 0) return false;
    const last = Buffer.alloc(1);
    readSync(this.#descriptor, last, 0, 1, size - 1);
    return last[0] !== 0x0a;
  }
}
