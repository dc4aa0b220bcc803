import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Levels below the root that are searched. */
const DEPTH = 4;
const MAX_DIRECTORIES = 5_000;

/** Directories that contain no projects, or none of this repository's. Hidden directories are skipped too. */
const NOT_PROJECTS = new Set([
  'build',
  'dist',
  'examples',
  'fixtures',
  'node_modules',
  'target',
  'testdata',
  'third_party',
  'vendor',
  'venv',
]);

/**
 * Searches a tree for projects. Directories below a project are not searched.
 * @param find returns what it found in a directory, given by its path from the root. A directory with
 *   at least one find counts as a project.
 */
export async function findProjects<T>(
  root: string,
  find: (directory: string) => Promise<readonly T[]>,
): Promise<readonly T[]> {
  const all: T[] = [];
  let level = [''];
  let searched = 0;
  for (let depth = 0; depth <= DEPTH && level.length > 0; depth += 1) {
    const next: string[] = [];
    for (const directory of level) {
      searched += 1;
      if (searched > MAX_DIRECTORIES) return all;
      const found = await find(directory);
      all.push(...found);
      if (found.length === 0) next.push(...(await directoriesIn(root, directory)));
    }
    level = next;
  }
  return all;
}

async function directoriesIn(root: string, directory: string): Promise<readonly string[]> {
  const entries = await readdir(join(root, directory), { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .filter((name) => !name.startsWith('.') && !NOT_PROJECTS.has(name))
    .sort()
    .map((name) => join(directory, name));
}
