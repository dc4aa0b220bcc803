import { readdir, readlink, realpath, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { EXIT } from '@agentteam/contract';
import { StepFailure } from '../../step/failure.ts';

/** What has been fetched. */
export interface TreeSize {
  readonly files: number;
  readonly bytes: number;
}

/**
 * Checks that no link in a directory leads out of it.
 * @param root a real path. Only this process writes below it.
 * @returns the size of its files.
 * @throws StepFailure that names the link.
 */
export async function checkTree(root: string): Promise<TreeSize> {
  let [files, bytes] = [0, 0];
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isSymbolicLink()) await checkLink(root, path);
    else if (entry.isFile()) {
      files += 1;
      bytes += (await stat(path)).size;
    }
  }
  return { files, bytes };
}

async function checkLink(root: string, path: string): Promise<void> {
  const target = await realpath(path).catch(() => '');
  if (target === root || target.startsWith(`${root}${sep}`)) return;
  const shown = `${relative(root, path)} -> ${await readlink(path)}`;
  throw new StepFailure(
    `it has a link that leads out of it or to nothing: ${JSON.stringify(shown)}; replace the link by what it should lead to`,
    EXIT.invalid,
  );
}

const SKILL_FILE = 'SKILL.md';

/**
 * The directory of a skill: the root of what was fetched, or its only directory.
 * @throws StepFailure when there is no SKILL.md.
 */
export async function skillDirectory(root: string): Promise<string> {
  const entries = await readdir(root, { withFileTypes: true });
  const [first, ...others] = entries.filter((entry) => entry.isDirectory());
  const only = first !== undefined && others.length === 0 ? [join(root, first.name)] : [];
  for (const directory of [root, ...only]) {
    if ((await stat(join(directory, SKILL_FILE)).catch(() => undefined))?.isFile())
      return directory;
  }
  const names = entries.map(({ name }) => name).slice(0, 10);
  throw new StepFailure(
    `it has no ${SKILL_FILE} in its root or in its only directory; it contains: ${names.join(', ') || 'nothing'}`,
    EXIT.invalid,
  );
}
