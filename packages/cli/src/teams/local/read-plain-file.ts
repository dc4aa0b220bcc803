import { lstat } from 'node:fs/promises';
import { MOST_RUN_FILE_BYTES } from '@agentteam/local';
import { openPlainFile } from '@agentteam/volume';

/**
 * Reads a file of a run. The run may come from an archive, so a link, a pipe or a device in the file's place is not
 * opened, and a file that would fill the memory is not read.
 * @returns `undefined` if there is no file.
 * @throws Error if something other than a readable file is there.
 */
export async function readPlainFile(path: string): Promise<string | undefined> {
  const file = await openPlainFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOTDIR') return undefined;
    throw error;
  });
  if (file === undefined) {
    const found = await lstat(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
      throw error;
    });
    if (found === undefined) return undefined;
    throw new Error(found.isFile() ? 'permission denied' : 'it is not a plain file');
  }
  try {
    const { size } = await file.stat();
    if (size > MOST_RUN_FILE_BYTES) throw new Error('it is larger than 64 MiB');
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}
