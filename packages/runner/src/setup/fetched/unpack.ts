import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { posix } from 'node:path';
import type { Readable } from 'node:stream';
import { createZstdDecompress } from 'node:zlib';
import { EXIT } from '@agentteam/contract';
import { sizeText } from '@agentteam/volume';
import { type ReadEntry, Unpack } from 'tar';
import { StepFailure } from '../../step/failure.ts';

/** What may still be unpacked for one skill or plugin. Archives that are unpacked over each other share it. */
export interface Budget {
  bytes: number;
  entries: number;
  /** As configured, for messages. */
  readonly maxBytes: number;
}

/** Files and directories of one skill or plugin. */
export const MAX_ENTRIES = 10_000;
export const MAX_PATH = 1_024;

export function budgetOf(maxBytes: number): Budget {
  return { bytes: maxBytes, entries: MAX_ENTRIES, maxBytes };
}

/**
 * Unpacks a tar archive that nobody vouches for. It may contain plain files, directories and links within
 * itself. `checkTree` checks afterwards where the links lead. Whiteouts, with which a layer of an image removes
 * files of an earlier one, are left out.
 * @param file the archive: plain, or compressed with gzip or zstd.
 * @param target a directory of this process alone.
 * @throws StepFailure that names the first entry that is refused.
 */
export async function unpack(
  file: string,
  target: string,
  budget: Budget,
  signal: AbortSignal,
): Promise<void> {
  let problem: string | undefined;
  const archive = new Unpack({
    cwd: target,
    strict: true,
    preserveOwner: false,
    noMtime: true,
    processUmask: 0o022,
    filter: (path, entry) => {
      problem ??= problemOf(path, entry as ReadEntry, budget);
      const isWhiteout = posix.basename(path).startsWith('.wh.');
      if (problem !== undefined || isWhiteout) return false;
      setMode(entry as ReadEntry);
      return true;
    },
  });
  const closed = once(archive, 'close');
  // The error is that of the loop below, where there is one.
  closed.catch(() => {});
  try {
    for await (const chunk of await openArchive(file, signal)) {
      if (problem !== undefined) break;
      if (!archive.write(chunk as Buffer)) await once(archive, 'drain', { signal });
    }
    archive.end();
    await closed;
  } catch (error) {
    signal.throwIfAborted();
    problem ??= `cannot be unpacked (${error instanceof Error ? error.message : String(error)})`;
  }
  if (problem !== undefined) throw new StepFailure(`its archive ${problem}`, EXIT.invalid);
}

/** zstd's first four bytes. `Unpack` recognises gzip by itself. */
const ZSTD = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);

async function openArchive(file: string, signal: AbortSignal): Promise<Readable> {
  const start = createReadStream(file, { end: ZSTD.length - 1, signal });
  const head: Buffer[] = [];
  for await (const chunk of start) head.push(chunk as Buffer);
  const stream = createReadStream(file, { signal });
  if (!Buffer.concat(head).equals(ZSTD)) return stream;
  const decompressed = createZstdDecompress();
  stream.on('error', (error) => decompressed.destroy(error));
  return stream.pipe(decompressed);
}

/** Everything can be read, and nothing runs as another user. Whether a file can be executed stays. */
function setMode(entry: ReadEntry): void {
  const isExecutable = ((entry.mode ?? 0) & 0o111) !== 0;
  entry.mode = isExecutable || /Dir/.test(entry.type) ? 0o755 : 0o644;
}

const ALLOWED = new Set(['File', 'OldFile', 'ContiguousFile', 'Directory', 'GNUDumpDir']);

/** Why an entry is refused, as the end of a sentence. */
function problemOf(path: string, entry: ReadEntry, budget: Budget): string | undefined {
  const shown = JSON.stringify(path.slice(0, 200));
  if (path.length > MAX_PATH) return `has a path of ${path.length} characters: ${shown}`;
  if (isOutside(path)) return `has a path that leads out of it: ${shown}`;
  if (entry.type === 'SymbolicLink') {
    const { linkpath = '' } = entry;
    if (isOutside(linkpath) || isOutside(posix.join(posix.dirname(path), linkpath))) {
      return `has a link that leads out of it: ${shown}`;
    }
  } else if (!ALLOWED.has(entry.type)) {
    return `has an entry that is neither a file nor a directory (${entry.type}): ${shown}`;
  }
  budget.entries -= 1;
  if (budget.entries < 0) return `has more than ${MAX_ENTRIES} entries`;
  budget.bytes -= entry.size ?? 0;
  return budget.bytes < 0 ? tooLarge(budget) : undefined;
}

/** The end of a sentence. */
export function tooLarge({ maxBytes }: Pick<Budget, 'maxBytes'>): string {
  return `is larger than ${sizeText(maxBytes)}: set maxSize to a larger size, or leave out what agents do not need`;
}

function isOutside(path: string): boolean {
  return (
    path.includes('\0') ||
    path.includes('\\') ||
    posix.isAbsolute(path) ||
    posix.normalize(path).split('/')[0] === '..'
  );
}
