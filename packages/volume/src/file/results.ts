import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { lstat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { inDirectory } from './open-directory.ts';
import { openPlainFile } from './read.ts';
import { findFiles } from './walk.ts';

/** Bytes that are read at a time. */
const CHUNK_BYTES = 1_048_576; // 1 Mi

export interface SizedFile {
  /** Below the directory, with `/`. */
  readonly path: string;
  readonly bytes: number;
}

export interface SizedFiles {
  /** Sorted by path. */
  readonly files: readonly SizedFile[];
  /** Whether the directory has more entries than were searched. */
  readonly cut: boolean;
}

/** Lists plain files with their sizes, within the limits of {@link findFiles}. */
export async function listSizedFiles(directory: string): Promise<SizedFiles> {
  const { files, cut } = await findFiles(directory);
  const sized: SizedFile[] = [];
  for (const path of files) {
    const stat = await inDirectory(directory, parentsOf(path), (parent) =>
      lstat(join(parent, basename(path))),
    ).catch(() => undefined);
    sized.push({ path, bytes: stat?.size ?? 0 });
  }
  return { files: sized, cut };
}

/**
 * Opens a plain file of a directory that agents can write to. No link is followed.
 * @param path below the directory, with `/`.
 * @returns `undefined` if there is no such file.
 * @throws RefusedError if one of the parents is a link or a file.
 */
export async function openResult(directory: string, path: string): Promise<FileHandle | undefined> {
  const parents = parentsOf(path);
  if ([...parents, basename(path)].some((name) => ['', '.', '..'].includes(name))) return undefined;
  return inDirectory(directory, parents, (parent) => openPlainFile(join(parent, basename(path))));
}

/** Names of the directories that contain a file. */
export function parentsOf(path: string): readonly string[] {
  const parent = dirname(path);
  return parent === '.' ? [] : parent.split('/');
}

/** SHA-256 of a file, in hexadecimal. */
export async function digestOf(file: FileHandle): Promise<string> {
  const hash = createHash('sha256');
  const buffer = Buffer.alloc(CHUNK_BYTES);
  for (let offset = 0; ; ) {
    const { bytesRead } = await file.read(buffer, 0, CHUNK_BYTES, offset);
    if (bytesRead === 0) return hash.digest('hex');
    hash.update(buffer.subarray(0, bytesRead));
    offset += bytesRead;
  }
}
