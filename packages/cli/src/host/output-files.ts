import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';

/** More are not counted: an output may hold a whole dependency tree. */
const MOST = 1000;

/** Paths of the files below a directory, sorted; links are not followed. */
export async function outputFiles(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw error;
    },
  );
  return entries
    .filter((entry) => entry.isFile())
    .slice(0, MOST)
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)))
    .toSorted();
}
