import { closeSync, constants, fdatasync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { formatEntry, type LedgerEntry } from './entry.ts';

const sync = promisify(fdatasync);

/** The ledger did not take a line: what follows would run uncounted. */
export class LedgerWriteError extends Error {
  override readonly name: string = 'LedgerWriteError';
}

/** File of an agent's ledger in the team's ledger directory. */
export function ledgerFile(directory: string, agent: string): string {
  return join(directory, `${agent}.jsonl`);
}

/**
 * Appends to one agent's ledger. Each line is one `write` to a descriptor opened with O_APPEND, so two
 * writers do not mix their lines, and a process killed right after it has lost nothing. Syncs follow,
 * many lines to one: a network file system shows other nodes what was written only then.
 */
export class LedgerWriter {
  readonly #path: string;
  #descriptor: number;
  /** Lines that the disk refused; they go first as soon as it takes any. */
  #unwritten: string[] = [];
  #syncing: Promise<void> | undefined;
  #unsynced = false;
  #syncError: Error | undefined;

  /** @throws if the file cannot be opened for appending. */
  constructor(directory: string, agent: string) {
    this.#path = ledgerFile(directory, agent);
    const flags = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW;
    this.#descriptor = openSync(this.#path, flags, 0o640);
  }

  /** @throws LedgerWriteError; the line is kept and written before the next. */
  append(entry: LedgerEntry): void {
    this.#unwritten.push(formatEntry(entry));
    this.flush();
  }

  /** For a line about something that will not happen if it cannot be written. @throws LedgerWriteError */
  appendOrDrop(entry: LedgerEntry): void {
    this.flush();
    try {
      this.append(entry);
    } catch (error) {
      this.#unwritten.pop();
      throw error;
    }
  }

  /** Writes what an earlier failure left behind. @throws LedgerWriteError */
  flush(): void {
    try {
      while (this.#unwritten.length > 0) {
        const line = Buffer.from(`${this.#tornEnd() ? '\n' : ''}${this.#unwritten[0]}\n`);
        const written = writeSync(this.#descriptor, line);
        if (written < line.length) throw new Error(`${written} of ${line.length} bytes written`);
        this.#unwritten.shift();
      }
      if (this.#syncError) throw this.#syncError;
    } catch (cause) {
      this.#syncError = undefined;
      throw new LedgerWriteError(`cannot write ${this.#path}: ${(cause as Error).message}`, {
        cause,
      });
    }
    this.#sync();
  }

  /** Resolves when everything appended so far is on the disk, or could not be put there. */
  async synced(): Promise<void> {
    while (this.#syncing) await this.#syncing;
  }

  async close(): Promise<void> {
    await this.synced();
    closeSync(this.#descriptor);
  }

  #sync(): void {
    this.#unsynced = true;
    this.#syncing ??= this.#syncLoop();
  }

  async #syncLoop(): Promise<void> {
    try {
      while (this.#unsynced) {
        this.#unsynced = false;
        await sync(this.#descriptor);
      }
    } catch (error) {
      this.#syncError = error as Error;
    } finally {
      this.#syncing = undefined;
    }
  }

  /** Whether the file ends inside a line, which a full disk or a lost node has torn. */
  #tornEnd(): boolean {
    const { size } = fstatSync(this.#descriptor);
    if (size === 0) return false;
    const last = Buffer.alloc(1);
    readSync(this.#descriptor, last, 0, 1, size - 1);
    return last[0] !== 0x0a;
  }
}
