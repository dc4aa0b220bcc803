import {
  closeSync,
  constants,
  fdatasyncSync,
  fstatSync,
  openSync,
  readdirSync,
  readSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { type LedgerEntry, parseEntry } from './entry.ts';

/** Enough for the last lines of all requests that an agent has in flight. */
const BYTES = 32 * 1024;
const NEWLINE = 0x0a;
const SUFFIX = '.reserve';

/**
 * Space on the disk for lines that cannot be appended to an agent's ledger because the disk is full. It is
 * taken before a request is sent, so that what the reply has cost is known even if the gateway ends before
 * there is space. Lines are written over the file's old content, which needs no further space.
 */
export class ReservedLines {
  /** The lines that an earlier gateway has left. */
  readonly left: readonly string[];
  readonly #path: string;
  #descriptor: number | undefined;
  #isUsed: boolean;

  constructor(directory: string, agent: string) {
    this.#path = join(directory, `${agent}${SUFFIX}`);
    this.left = linesOf(this.#path);
    this.#isUsed = this.left.length > 0;
  }

  /** @throws a system error when there is no space for the file. */
  allocate(): void {
    if (this.#descriptor !== undefined) return;
    const flags = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW;
    const descriptor = openSync(this.#path, flags, 0o640);
    try {
      const { size } = fstatSync(descriptor);
      if (size < BYTES) {
        writeAll(descriptor, Buffer.alloc(BYTES - size, NEWLINE), size);
        fdatasyncSync(descriptor);
      }
      this.#descriptor = descriptor;
    } finally {
      if (this.#descriptor === undefined) closeSync(descriptor);
    }
  }

  /** Replaces the content by the latest of the lines, as many as fit. */
  store(lines: readonly string[]): void {
    if (this.#descriptor === undefined) return;
    const content = Buffer.alloc(BYTES, NEWLINE);
    let used = 0;
    for (const line of lines.toReversed()) {
      const bytes = Buffer.from(`${line}\n`);
      if (used + bytes.length > BYTES) break;
      bytes.copy(content, used);
      used += bytes.length;
    }
    writeAll(this.#descriptor, content, 0);
    this.#isUsed = used > 0;
    fdatasyncSync(this.#descriptor);
  }

  /** Forgets the lines, which are in the ledger now. */
  clear(): void {
    if (!this.#isUsed) return;
    this.allocate();
    this.store([]);
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
  }
}

/** The entries that the gateways of a team could not append to their ledgers. */
export function readReserved(directory: string): readonly LedgerEntry[] {
  return readdirSync(directory)
    .filter((name) => name.endsWith(SUFFIX))
    .flatMap((name) => linesOf(join(directory, name)))
    .flatMap((line) => parseEntry(line) ?? []);
}

/** The lines in a file, in the order in which they were added; none if there is no such file. */
function linesOf(path: string): readonly string[] {
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  try {
    if (!fstatSync(descriptor).isFile()) return [];
    const content = Buffer.alloc(BYTES);
    const text = content.toString('utf8', 0, readSync(descriptor, content, 0, BYTES, 0));
    return text
      .split('\n')
      .filter((line) => line !== '')
      .toReversed();
  } finally {
    closeSync(descriptor);
  }
}

function writeAll(descriptor: number, content: Buffer, position: number): void {
  const written = writeSync(descriptor, content, 0, content.length, position);
  if (written < content.length) throw new Error(`${written} of ${content.length} bytes written`);
}
