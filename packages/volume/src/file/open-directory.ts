import { constants } from 'node:fs';
import { type FileHandle, lstat, mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';

const DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY;

/** There is something at a path, but not what may be read or written there. */
export class RefusedError extends Error {
  override readonly name: string = 'RefusedError';
  /** `is not a directory` */
  readonly why: string;

  constructor(path: string, why: string) {
    super(`${path} ${why}`);
    this.why = why;
  }
}

/**
 * Opens a directory below one that agents cannot replace, without following a link on the way.
 * @param root a directory that agents cannot replace; they may write into it.
 * @param below names of directories, each in the one before.
 * @param work is given a path under which the entries of that directory are reached. On Linux it
 * goes through the open directory: it stays the same one, whatever agents put in its place.
 * @returns `undefined` where there is no such directory.
 * @throws RefusedError where a link or a file stands in a directory's place.
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

/** Like {@link inDirectory}, for a writer: directories that are missing are made. */
export async function inMadeDirectory<T>(
  root: string,
  below: readonly string[],
  work: (path: string) => Promise<T>,
): Promise<T> {
  await mkdir(root, { recursive: true });
  const handles: FileHandle[] = [];
  try {
    const path = await descend(root, below, handles, true);
    if (path === undefined) throw new RefusedError(join(root, ...below), 'is not there');
    return await work(path);
  } finally {
    await Promise.all(handles.map((handle) => handle.close()));
  }
}

/** @param handles gets what is opened, also where it throws. */
async function descend(
  root: string,
  below: readonly string[],
  handles: FileHandle[],
  makes: boolean,
): Promise<string | undefined> {
  let path = root;
  for (const [index, name] of ['', ...below].entries()) {
    const shown = join(root, ...below.slice(0, index));
    if (index > 0) path = join(path, name);
    if (index > 0 && makes) await makeDirectory(path);
    const handle = await openDirectory(path, shown, index > 0);
    if (handle === undefined) return undefined;
    handles.push(handle);
    path = reachable(handle, path);
  }
  return path;
}

async function makeDirectory(path: string): Promise<void> {
  await mkdir(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
}

async function openDirectory(
  path: string,
  shown: string,
  strictly: boolean,
): Promise<FileHandle | undefined> {
  try {
    // Elsewhere than on Linux the next directory is opened by its name again.
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
