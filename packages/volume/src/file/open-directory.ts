import { constants } from 'node:fs';
import { type FileHandle, lstat, mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';

const DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY;

/** Thrown when a path exists but must not be read or written. */
export class RefusedError extends Error {
  override readonly name: string = 'RefusedError';
  /** `is not a directory` */
  readonly why: string;

  constructor(path: string, why: string, cause?: unknown) {
    super(`${path} ${why}`, cause === undefined ? undefined : { cause });
    this.why = why;
  }
}

/** What an agent can cause by what it puts in the place of a file, a directory or a lock, and by their modes. */
const BLOCKED: readonly string[] = [
  ...['EACCES', 'EEXIST', 'EISDIR', 'ELOOP', 'ENOENT', 'ENOTDIR', 'ENOTEMPTY', 'ENXIO', 'EPERM'],
];

/**
 * Throws an error of the file system again: as a {@link RefusedError} if an agent can cause it, because it must not
 * end the programs of others.
 */
export function rethrowBlocked(path: string, why: string, error: unknown): never {
  const { code = '' } = error as NodeJS.ErrnoException;
  throw BLOCKED.includes(code) ? new RefusedError(path, why, error) : error;
}

/**
 * Opens a directory below a root without following a link on the way.
 * @param root a directory that agents can write to but not replace.
 * @param below names of nested directories.
 * @param work gets a path to the directory. On Linux the path refers to the open directory, so it stays
 *   valid even if an agent replaces the directory.
 * @returns `undefined` if there is no such directory.
 * @throws RefusedError if one of the directories is a link or a file.
 */
export async function inDirectory<T>(
  root: string,
  below: readonly string[],
  work: (path: string) => Promise<T>,
): Promise<T | undefined> {
  const handles: FileHandle[] = [];
  try {
    const path = await descend(root, below, handles, false);
    return path === undefined ? undefined : await work(path);
  } finally {
    await Promise.all(handles.map((handle) => handle.close()));
  }
}

/** Like {@link inDirectory}, but creates missing directories. */
export async function inCreatedDirectory<T>(
  root: string,
  below: readonly string[],
  work: (path: string) => Promise<T>,
): Promise<T> {
  const handles: FileHandle[] = [];
  try {
    // Usually all of them exist.
    const existing = await descend(root, below, handles, false);
    if (existing === undefined) {
      await mkdir(root, { recursive: true }).catch((error: unknown) =>
        rethrowBlocked(root, 'cannot be created', error),
      );
    }
    const path = existing ?? (await descend(root, below, handles, true));
    if (path === undefined) throw new RefusedError(join(root, ...below), 'does not exist');
    return await work(path);
  } finally {
    await Promise.all(handles.map((handle) => handle.close()));
  }
}

/** @param handles receives every opened directory, even if this function throws. */
async function descend(
  root: string,
  below: readonly string[],
  handles: FileHandle[],
  creates: boolean,
): Promise<string | undefined> {
  let path = root;
  for (const [index, name] of ['', ...below].entries()) {
    const shown = join(root, ...below.slice(0, index));
    if (index > 0) path = join(path, name);
    if (index > 0 && creates) await createDirectory(path, shown);
    const handle = await openDirectory(path, shown, index > 0);
    if (handle === undefined) return undefined;
    handles.push(handle);
    path = reachable(handle, path);
  }
  return path;
}

async function createDirectory(path: string, shown: string): Promise<void> {
  await mkdir(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') rethrowBlocked(shown, 'cannot be created', error);
  });
}

async function openDirectory(
  path: string,
  shown: string,
  strictly: boolean,
): Promise<FileHandle | undefined> {
  try {
    // Other systems than Linux open the next directory by its name again.
    if (strictly && process.platform !== 'linux' && !(await lstat(path)).isDirectory()) {
      throw new RefusedError(shown, 'is not a directory');
    }
    return await open(path, strictly ? DIRECTORY | constants.O_NOFOLLOW : DIRECTORY);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    if (code === 'ENOTDIR' || code === 'ELOOP') {
      throw new RefusedError(shown, 'is not a directory');
    }
    if (code === 'EACCES' || code === 'EPERM') throw new RefusedError(shown, 'cannot be opened');
    throw error;
  }
}

function reachable({ fd }: FileHandle, path: string): string {
  return process.platform === 'linux' ? `/proc/self/fd/${fd}` : path;
}
