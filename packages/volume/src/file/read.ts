import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import pLimit from 'p-limit';
import { LIMITS } from './limits.ts';
import { RefusedError } from './open-directory.ts';
import { parseJson } from './parse-json.ts';

/** A file that an agent may have written. */
export type Reading =
  | { readonly text: string }
  /** There is something, but it is not read: `is a symbolic link`, `is larger than 64 KiB`. */
  | { readonly refused: string }
  | { readonly missing: true };

const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY;
const CHUNK = 64 * 1024;

/** What an agent can make of a file so that it cannot be opened. Other errors are thrown. */
const REFUSALS: Readonly<Record<string, string>> = {
  ELOOP: 'is a symbolic link',
  ENXIO: 'is not a plain file',
  EISDIR: 'is not a plain file',
  EACCES: 'cannot be opened',
  EPERM: 'cannot be opened',
};

/** One for the whole process: many readers at once must not run out of descriptors together. */
const limit = pLimit(LIMITS.openFiles);

/**
 * Reads a file that an agent may have written: not through a symbolic link (it could point at a
 * secret of the reader), not from a pipe or device (opening one would block, and some never end),
 * and no more than `maxBytes`, also where the file grows meanwhile.
 */
export function readFileOfAgent(
  path: string,
  maxBytes: number = LIMITS.fileBytes,
): Promise<Reading> {
  return limit(() => readOne(path, maxBytes));
}

async function readOne(path: string, maxBytes: number): Promise<Reading> {
  let file: FileHandle;
  try {
    file = await open(path, FLAGS);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return { missing: true };
    const refused = REFUSALS[code];
    if (refused === undefined) throw error;
    return { refused };
  }
  try {
    const stat = await file.stat();
    if (!stat.isFile()) return { refused: 'is not a plain file' };
    const content = stat.size > maxBytes ? undefined : await readUpTo(file, stat.size, maxBytes);
    if (content === undefined) return { refused: `is larger than ${sizeText(maxBytes)}` };
    return { text: content.toString('utf8') };
  } finally {
    await file.close();
  }
}

/**
 * Opens a file to read on as it grows: no link, pipe or device.
 * @returns `undefined` where there is no plain file.
 */
export async function openPlainFile(path: string): Promise<FileHandle | undefined> {
  const file = await open(path, FLAGS).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || REFUSALS[error.code ?? ''] !== undefined) return undefined;
    throw error;
  });
  if (file === undefined || (await file.stat()).isFile()) return file;
  await file.close();
  return undefined;
}

/** @returns `undefined` where there is more. */
async function readUpTo(file: FileHandle, size: number, most: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let total = 0;
  // One byte more than there should be: that way one call sees that the file has ended.
  for (let room = size + 1; ; room = Math.min(CHUNK, most + 1 - total)) {
    const chunk = Buffer.allocUnsafe(room);
    const { bytesRead } = await file.read(chunk, 0, room, total);
    total += bytesRead;
    if (total > most) return undefined;
    chunks.push(chunk.subarray(0, bytesRead));
    if (bytesRead < room) return Buffer.concat(chunks);
  }
}

/** Like {@link readFileOfAgent}, for readers that need not know why there is nothing. */
export async function readUntrusted(path: string, maxBytes?: number): Promise<string | undefined> {
  const reading = await readFileOfAgent(path, maxBytes);
  return 'text' in reading ? reading.text : undefined;
}

/** Like {@link readUntrusted}, parsed; `undefined` also for text that is not JSON. */
export async function readUntrustedJson(path: string, maxBytes?: number): Promise<unknown> {
  const text = await readUntrusted(path, maxBytes);
  return text === undefined ? undefined : parseJson(text);
}

export type JsonReading =
  | { readonly value: unknown; readonly bytes: number }
  | Exclude<Reading, { readonly text: string }>;

/** Like {@link readFileOfAgent}, parsed as {@link parseJson} does; an empty file is as good as none. */
export async function readJsonOfAgent(
  path: string,
  maxBytes?: number,
  mostValues?: number,
): Promise<JsonReading> {
  const reading = await readFileOfAgent(path, maxBytes);
  if (!('text' in reading)) return reading;
  if (reading.text === '') return { missing: true };
  const value = parseJson(reading.text, mostValues);
  if (value === undefined) return { refused: 'is not JSON that a team writes' };
  return { value, bytes: reading.text.length };
}

/** A reading in a directory that could not be opened: see {@link RefusedError}. */
export function refusalOf(error: unknown): { readonly refused: string } {
  if (error instanceof RefusedError) return { refused: error.why };
  throw error;
}

/** `64 KiB` */
export function sizeText(bytes: number): string {
  if (bytes < 1 << 10) return `${bytes} bytes`;
  const [unit, name] = bytes < 1 << 20 ? [1 << 10, 'KiB'] : [1 << 20, 'MiB'];
  return `${Math.round((bytes / unit) * 10) / 10} ${name}`;
}
