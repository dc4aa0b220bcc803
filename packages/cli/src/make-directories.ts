import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { usageError } from './failure.ts';

/**
 * Makes a directory and its missing parents, one by one: Node's recursive mkdir reports ENOENT on a read-only
 * file system, and never returns where the kernel refuses every new directory, as in /proc.
 */
export async function makeDirectories(path: string, mode = 0o777): Promise<void> {
  try {
    await mkdir(path, { mode });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const found = code === 'EEXIST' ? await stat(path).catch(() => undefined) : undefined;
    if (found?.isDirectory()) return;
    if (code === 'ENOTDIR') {
      throw usageError(`a parent of ${path} is not a directory`, 'Choose another directory.');
    }
    if (code !== 'ENOENT' || dirname(path) === path) throw error;
    await makeDirectories(dirname(path), mode);
    await mkdir(path, { mode }).catch((again: NodeJS.ErrnoException) => {
      // Another process may have made it meanwhile.
      if (again.code === 'EEXIST') return;
      if (again.code !== 'ENOENT') throw again;
      throw usageError(
        `no directory can be created in ${dirname(path)}`,
        'Choose another directory.',
      );
    });
  }
}
