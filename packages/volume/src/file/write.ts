import { randomBytes } from 'node:crypto';
import { link, lstat, open, rename, unlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { inDirectory, RefusedError, rethrowBlocked } from './open-directory.ts';

export interface WriteOptions {
  /** Permission bits of the new file. Default: 0644, as Claude Code uses. */
  readonly mode?: number;
  /** Whether the content must survive a loss of power. Default: true. */
  readonly durable?: boolean;
}

/** Writes JSON as Claude Code does: indented by two, no final newline, to `X.tmp.<8 hex>`, then renamed. */
export async function writeJson(
  path: string,
  value: unknown,
  options: WriteOptions = {},
): Promise<void> {
  await inParent(path, (place) => replaceJson(place, value, options));
}

/** Like {@link writeJson}, for a path in a directory that {@link inDirectory} has opened. */
export async function replaceJson(
  path: string,
  value: unknown,
  options: WriteOptions = {},
): Promise<void> {
  const temporary = await writeTemporary(path, value, options);
  try {
    await rename(temporary, path).catch(async (error: NodeJS.ErrnoException) => {
      if (!['EISDIR', 'ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(error.code ?? '')) throw error;
      await moveAside(path, error);
      await rename(temporary, path);
    });
  } catch (error) {
    await unlink(temporary).catch(() => {});
    throw error;
  }
}

/** An agent could make a directory in place of a file, to prevent others from writing it. */
async function moveAside(path: string, error: Error): Promise<void> {
  if (!(await lstat(path)).isDirectory()) throw error;
  await rename(path, `${path}.aside.${randomBytes(4).toString('hex')}`);
}

/** An agent could replace the directory with a link, to make a trusted step write somewhere else. */
async function inParent<T>(path: string, work: (path: string) => Promise<T>): Promise<T> {
  const directory = dirname(path);
  let done: { readonly result: T } | undefined;
  await inDirectory(dirname(directory), [basename(directory)], async (opened) => {
    done = { result: await work(join(opened, basename(path))) };
  });
  if (done === undefined) throw new RefusedError(directory, 'does not exist');
  return done.result;
}

/**
 * Writes a file that does not exist yet. Readers see either the whole file or none.
 * @returns whether this call created the file.
 */
export function writeJsonOnce(
  path: string,
  value: unknown,
  options: WriteOptions = {},
): Promise<boolean> {
  return inParent(path, (place) => createJson(place, value, options));
}

async function createJson(path: string, value: unknown, options: WriteOptions): Promise<boolean> {
  const temporary = await writeTemporary(path, value, options);
  try {
    await link(temporary, path);
    return true;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'EEXIST') return false;
    // SMB shares and some FUSE file systems have no hard links.
    if (code === 'EPERM' || code === 'ENOTSUP' || code === 'ENOSYS') {
      return await writeExclusively(path, value, options);
    }
    throw error;
  } finally {
    await unlink(temporary).catch(() => {});
  }
}

async function writeTemporary(path: string, value: unknown, options: WriteOptions) {
  const temporary = `${path}.tmp.${randomBytes(4).toString('hex')}`;
  const file = await open(temporary, 'wx', options.mode ?? 0o644).catch((error: unknown) =>
    rethrowBlocked(basename(path), 'cannot be written', error),
  );
  try {
    await file.writeFile(JSON.stringify(value, null, 2));
    // Without this, a node that loses power may keep the rename and lose the content.
    if (options.durable ?? true) await file.datasync();
  } catch (error) {
    await unlink(temporary).catch(() => {});
    throw error;
  } finally {
    await file.close();
  }
  return temporary;
}

async function writeExclusively(path: string, value: unknown, options: WriteOptions) {
  try {
    const data = JSON.stringify(value, null, 2);
    await writeFile(path, data, { flag: 'wx', mode: options.mode ?? 0o644 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}
