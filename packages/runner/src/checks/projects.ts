import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** How far below the root a project is looked for. */
const DEPTH = 4;
const MOST_DIRECTORIES = 5_000;

/** Directories that hold the projects of others, or none. Hidden ones are left out as well. */
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
 * Looks for projects from the root down; nothing is looked for below a directory that is one.
 * @param find given a directory's path from the root, what it is as a project; nothing: it is none.
 */
export async function findProjects<T>(
  root: string,
  find: (directory: string) => Promise<readonly T[]>,
): Promise<readonly T[]> {
  const all: T[] = [];
  let level = [''];
  let looked = 0;
  for (let depth = 0; depth <= DEPTH && level.length > 0; depth += 1) {
    const next: string[] = [];
    for (const directory of level) {
      looked += 1;
      if (looked > MOST_DIRECTORIES) return all;
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
