import { constants } from 'node:fs';
import { lstat, open, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import {
  digestOf,
  inCreatedDirectory,
  isGitPath,
  openPlainFile,
  parentsOf,
  RefusedError,
} from '@agentteam/volume';
import { Failure } from '../failure.ts';
import type { ResultFile } from './result-files.ts';

/** Suffix of a file that is not complete. */
export const PART = '.agentteam-part';

export interface Copied {
  readonly path: string;
  readonly bytes: number;
  /** SHA-256 in hexadecimal. */
  readonly sha256: string;
  /** Whether an earlier transfer had already copied it. */
  readonly isKept: boolean;
  /** Bytes that an interrupted transfer had already copied. Absent: none. */
  readonly continuedFrom?: number;
}

export interface CopyOptions {
  /** Whether to replace a file with another content. */
  readonly force: boolean;
  /** Called with the number of bytes that have arrived or need not be transferred. */
  readonly onBytes: (bytes: number) => void;
}

/**
 * Copies a file into a directory, and compares the copy with the original. No link is followed below the
 * directory. A file that is there with the same content is kept, and a part that a broken transfer has left is
 * continued. The file gets its name when it is complete and verified.
 * @param path below the directory.
 * @throws Failure if another file is in its place, or the original changed.
 */
export async function copyFile(
  source: ResultFile,
  to: string,
  path: string,
  options: CopyOptions,
): Promise<Copied> {
  // Git would run programs that a copied configuration names, and the directory may be a repository.
  if (isGitPath(path)) {
    throw new Failure(
      `${path} was not copied: its path leads out of the directory, or into a directory of git`,
    );
  }
  try {
    return await inCreatedDirectory(to, parentsOf(path), (parent) =>
      copyInto(source, join(parent, basename(path)), path, options),
    );
  } catch (cause) {
    if (!(cause instanceof RefusedError)) throw cause;
    throw new Failure(`${path} was not copied: ${cause.message}`, { cause });
  }
}

async function copyInto(
  source: ResultFile,
  target: string,
  path: string,
  { force, onBytes }: CopyOptions,
): Promise<Copied> {
  const { bytes, sha256 } = source;
  const there = await lstat(target).catch(() => undefined);
  if (there !== undefined) {
    const isSame = there.isFile() && there.size === bytes && (await digestAt(target)) === sha256;
    if (isSame) {
      onBytes(bytes);
      return { path, bytes, sha256, isKept: true };
    }
    if (!there.isFile()) throw new Failure(`${path} is there, and is not a plain file`);
    if (!force) throw isThere(path);
  }
  const part = `${target}${PART}`;
  for (const isLastTry of [false, true]) {
    if (isLastTry) await rm(part, { force: true });
    const continuedFrom = await appendRest(source, part, onBytes);
    if ((await digestAt(part)) !== sha256) continue;
    await rename(part, target);
    return { path, bytes, sha256, isKept: false, ...(continuedFrom > 0 && { continuedFrom }) };
  }
  throw new Failure(`${path} changed while it was copied; copy it again`);
}

export function isThere(path: string): Failure {
  return new Failure(`${path} is there with another content`, {
    hint: 'To replace it, use --force. To keep it, choose another directory with --to.',
  });
}

/** Copies what comes after the part that is already there. @returns its length. */
async function appendRest(
  source: ResultFile,
  part: string,
  onBytes: CopyOptions['onBytes'],
): Promise<number> {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_NOFOLLOW;
  const file = await open(part, flags, 0o600);
  try {
    const { size } = await file.stat();
    onBytes(Math.min(size, source.bytes));
    for (let offset = size; offset < source.bytes; ) {
      const bytes = await source.read(offset);
      if (bytes.length === 0) break;
      await file.write(bytes, 0, bytes.length, offset);
      offset += bytes.length;
      onBytes(bytes.length);
    }
    await file.sync();
    return size;
  } finally {
    await file.close();
  }
}

async function digestAt(path: string): Promise<string | undefined> {
  const file = await openPlainFile(path);
  if (file === undefined) return undefined;
  try {
    return await digestOf(file);
  } finally {
    await file.close();
  }
}
