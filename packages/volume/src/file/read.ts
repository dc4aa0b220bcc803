import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { parseJson } from '@agentteam/contract';
import pLimit from 'p-limit';
import { LIMITS } from './limits.ts';
import { RefusedError } from './open-directory.ts';

/** The result of reading a file that an agent may have written. */
export type Reading =
  | { readonly text: string }
  /** Why the existing file was not read: `is a symbolic link`, `is larger than 64 KiB`. */
  | { readonly refused: string }
  | { readonly missing: true };

const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY;
const CHUNK = 64 * 1024;

/** Errors that an agent can cause by what it puts in a file's place. Other errors are thrown. */
const REFUSALS: Readonly<Record<string, string>> = {
  ELOOP: 'is a symbolic link',
  ENXIO: 'is not a plain file',
  EISDIR: 'is not a plain file',
  EACCES: 'cannot be opened',
  EPERM: 'cannot be opened',
};

/** Shared by the whole process, so that all readers together do not run out of file descriptors. */
const limit = pLimit(LIMITS.openFiles);

/**
 * Reads a file that an agent may have written. It does not follow a symbolic link, which could point to a
 * secret of the reader. It does not read pipes or devices, which could block or never end. And it reads at
 * most `maxBytes`, even if the file grows meanwhile.
 */
export function readFileOfAgent(
  path: string,
  maxBytes: number = LIMITS.fileBytes,
): Promise<Reading> {
  return limit(() => readOne(path, maxBytes));
}

async function readOne(path: string, maxBytes: number): Promise<Reading> {
  const file = await openOfAgent(path);
  if (!('handle' in file)) return file;
  const { handle, size } = file;
  try {
    const content = size > maxBytes ? undefined : await readUpTo(handle, size, maxBytes);
    if (content === undefined) return { refused: `is larger than ${sizeText(maxBytes)}` };
    return { text: content.toString('utf8') };
  } finally {
    await handle.close();
  }
}

/** Opens a plain file that an agent can write. */
async function openOfAgent(
  path: string,
): Promise<
  | { readonly handle: FileHandle; readonly size: number }
  | Exclude<Reading, { readonly text: string }>
> {
  let handle: FileHandle;
  try {
    handle = await open(path, FLAGS);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return { missing: true };
    const refused = REFUSALS[code];
    if (refused === undefined) throw error;
    return { refused };
  }
  const stat = await handle.stat().catch(async (error: unknown) => {
    await handle.close();
    throw error;
  });
  if (stat.isFile()) return { handle, size: stat.size };
  await handle.close();
  return { refused: 'is not a plain file' };
}

/**
 * Reads the end of a file of lines that an agent can write: whole lines, at most the given number of bytes.
 * @returns also whether the file is longer.
 */
export async function readEndOfAgent(
  path: string,
  maxBytes: number,
): Promise<Reading & { readonly isCut?: boolean }> {
  return limit(async () => {
    const file = await openOfAgent(path);
    if (!('handle' in file)) return file;
    const { handle, size } = file;
    try {
      const from = Math.max(0, size - maxBytes);
      const buffer = Buffer.alloc(size - from);
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, from);
      const bytes = buffer.subarray(0, bytesRead);
      if (from === 0) return { text: bytes.toString('utf8') };
      // What comes before the first end of a line is the rest of a longer one.
      return { text: bytes.subarray(bytes.indexOf(0x0a) + 1).toString('utf8'), isCut: true };
    } finally {
      await handle.close();
    }
  });
}

/**
 * Opens a plain file whose reader follows it as it grows.
 * @returns `undefined` if there is no file, or a link, pipe or device.
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

/** @returns `undefined` if the file is larger than `max`. */
async function readUpTo(file: FileHandle, size: number, max: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let total = 0;
  // One byte more than expected, so that one call also sees the end of the file.
  for (let room = size + 1; ; room = Math.min(CHUNK, max + 1 - total)) {
    const chunk = Buffer.allocUnsafe(room);
    const { bytesRead } = await file.read(chunk, 0, room, total);
    total += bytesRead;
    if (total > max) return undefined;
    chunks.push(chunk.subarray(0, bytesRead));
    if (bytesRead < room) return Buffer.concat(chunks);
  }
}

/** Like {@link readFileOfAgent}, for readers that do not need the reason of a refusal. */
export async function readUntrusted(path: string, maxBytes?: number): Promise<string | undefined> {
  const reading = await readFileOfAgent(path, maxBytes);
  return 'text' in reading ? reading.text : undefined;
}

/**
 * Like {@link readUntrusted}, and parses the text. The result is `undefined` for text that is not JSON, too.
 */
export async function readUntrustedJson(path: string, maxBytes?: number): Promise<unknown> {
  const text = await readUntrusted(path, maxBytes);
  return text === undefined ? undefined : parseJson(text);
}

export type JsonReading =
  | { readonly value: unknown; readonly bytes: number }
  | Exclude<Reading, { readonly text: string }>;

/** Like {@link readFileOfAgent}, and parses the text with {@link parseJson}. An empty file counts as missing. */
export async function readJsonOfAgent(
  path: string,
  maxBytes?: number,
  maxValues?: number,
): Promise<JsonReading> {
  const reading = await readFileOfAgent(path, maxBytes);
  if (!('text' in reading)) return reading;
  if (reading.text === '') return { missing: true };
  const value = parseJson(reading.text, maxValues);
  if (value === undefined) return { refused: 'is not the JSON of a team' };
  return { value, bytes: reading.text.length };
}

/** Turns a {@link RefusedError} of a directory into the result of a reading, and throws other errors. */
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
