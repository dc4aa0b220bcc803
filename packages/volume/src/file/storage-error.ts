import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';

/** Why a write to a file system fails. A disk without free inodes has space, but no room for another file. */
export type StorageFault = 'full' | 'no-inodes' | 'read-only' | 'forbidden' | 'failing';

const FAULTS: Readonly<Record<string, StorageFault>> = {
  ENOSPC: 'full',
  EDQUOT: 'full',
  EROFS: 'read-only',
  EACCES: 'forbidden',
  EPERM: 'forbidden',
  EIO: 'failing',
};

/** Thrown when a write to a file system fails. */
export class StorageError extends Error {
  override readonly name = 'StorageError';
  readonly fault: StorageFault;
  /** The path that could not be written, if it is known. */
  readonly path: string | undefined;

  /** @param message default: a sentence made from the fault and the path. */
  constructor(
    fault: StorageFault,
    path: string | undefined,
    { cause, message = sentence(fault, path) }: { cause?: unknown; message?: string } = {},
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.fault = fault;
    this.path = path;
  }
}

/**
 * Converts an error of the file system, or an error that such an error caused, to a {@link StorageError}.
 * @returns `undefined` for every other error.
 */
export function storageErrorOf(error: unknown): StorageError | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (at instanceof StorageError) return at;
    const {
      code = '',
      path: from,
      dest,
      syscall,
    } = at as NodeJS.ErrnoException & { dest?: string };
    // For a failed copy this is the path of the copy.
    const path = dest ?? from;
    const fault = FAULTS[code];
    // EPERM may concern a signal or a socket, and ENOSPC of a watch means the kernel's limit of watches.
    const isOfFile = path !== undefined || ['write', 'fsync', 'close'].includes(syscall ?? '');
    if (syscall === 'watch' || !isOfFile) continue;
    if (fault === undefined) continue;
    const isForInodes = fault === 'full' && path !== undefined && freeInodes(dirname(path)) === 0;
    return new StorageError(isForInodes ? 'no-inodes' : fault, path, { cause: at });
  }
  return undefined;
}

/**
 * The number of files that can still be made on the file system of an existing directory. Infinity where it has no
 * fixed number of inodes, as btrfs, and where it cannot be asked.
 */
export function freeInodes(directory: string): number {
  try {
    const { files, ffree } = statfsSync(directory);
    return files === 0 ? Number.POSITIVE_INFINITY : ffree;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

function sentence(fault: StorageFault, path: string | undefined): string {
  switch (fault) {
    case 'full':
      return path === undefined ? 'the disk is full' : `the disk is full at ${path}`;
    case 'no-inodes':
      return `the disk has no free inodes at ${path}`;
    case 'read-only':
      return path === undefined ? 'the file system is read-only' : `read-only file system: ${path}`;
    case 'forbidden':
      return path === undefined ? 'permission denied' : `permission denied: ${path}`;
    case 'failing':
      return path === undefined
        ? 'the disk reports an error'
        : `the disk reports an error at ${path}`;
  }
}
