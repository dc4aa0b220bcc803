import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, lstat, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { inCreatedDirectory, inDirectory, openPlainFile, RefusedError } from '@agentteam/volume';
import { Failure } from '../failure.ts';

const CHUNK_BYTES = 1_048_576; // 1 Mi
/** Suffix of a file that is not complete. */
export const PART = '.agentteam-part';

export interface Copied {
  readonly path: string;
  readonly bytes: number;
  /** SHA-256 in hexadecimal. */
  readonly sha256: string;
  /** Whether an earlier transfer had already copied it. */
  readonly isKept: boolean;
}

/**
 * Copies a file of a directory that agents can write to, and compares the copy with the original. No link is
 * followed, on either side. A file that is there with the same content is kept, and a part that a broken
 * transfer has left is continued.
 * @param path below both directories.
 * @param force whether to replace a file with another content.
 * @throws Failure if the file has disappeared, or another one is in its place.
 */
export async function copyFile(
  from: string,
  to: string,
  path: string,
  force: boolean,
): Promise<Copied> {
  try {
    return await copy(from, to, path, force);
  } catch (cause) {
    if (!(cause instanceof RefusedError)) throw cause;
    throw new Failure(`${path} was not copied: ${cause.message}`, { cause });
  }
}

async function copy(from: string, to: string, path: string, force: boolean): Promise<Copied> {
  const below = dirname(path) === '.' ? [] : dirname(path).split('/');
  const source = await inDirectory(from, below, (parent) =>
    openPlainFile(join(parent, basename(path))),
  );
  if (source === undefined) throw new Failure(`${path} has disappeared`);
  try {
    return await inCreatedDirectory(to, below, (parent) =>
      copyInto(source, join(parent, basename(path)), path, force),
    );
  } finally {
    await source.close();
  }
}

async function copyInto(
  source: FileHandle,
  target: string,
  path: string,
  force: boolean,
): Promise<Copied> {
  const { size } = await source.stat();
  const sha256 = await digestOf(source);
  const there = await lstat(target).catch(() => undefined);
  if (there !== undefined) {
    const isSame = there.isFile() && there.size === size && (await digestAt(target)) === sha256;
    if (isSame) return { path, bytes: size, sha256, isKept: true };
    if (!there.isFile()) throw new Failure(`${path} is there, and is not a plain file`);
    if (!force) {
      const hint = 'To replace it, use --force. To keep it, choose another directory with --to.';
      throw new Failure(`${path} is there with another content`, { hint });
    }
  }
  const part = `${target}${PART}`;
  for (const isLastTry of [false, true]) {
    if (isLastTry) await rm(part, { force: true });
    await appendRest(source, part);
    if ((await digestAt(part)) === sha256) {
      await rename(part, target);
      return { path, bytes: size, sha256, isKept: false };
    }
  }
  throw new Failure(`${path} changed while it was copied; copy it again`);
}

/** Copies what comes after the part that is already there. */
async function appendRest(source: FileHandle, part: string): Promise<void> {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_NOFOLLOW;
  const file = await open(part, flags, 0o600);
  try {
    const buffer = Buffer.alloc(CHUNK_BYTES);
    let offset = (await file.stat()).size;
    for (;;) {
      const { bytesRead } = await source.read(buffer, 0, CHUNK_BYTES, offset);
      if (bytesRead === 0) break;
      await file.write(buffer, 0, bytesRead, offset);
      offset += bytesRead;
    }
    await file.sync();
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

async function digestOf(file: FileHandle): Promise<string> {
  const hash = createHash('sha256');
  const buffer = Buffer.alloc(CHUNK_BYTES);
  for (let offset = 0; ; ) {
    const { bytesRead } = await file.read(buffer, 0, CHUNK_BYTES, offset);
    if (bytesRead === 0) return hash.digest('hex');
    hash.update(buffer.subarray(0, bytesRead));
    offset += bytesRead;
  }
}
