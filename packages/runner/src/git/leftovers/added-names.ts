import { type GitOptions, gitFields } from '../run.ts';

/**
 * The paths of the files that the commits of a range add, each once. A file that is moved or copied counts,
 * although its content is not new.
 */
export async function readAddedNames(
  start: string,
  commit: string,
  options: GitOptions,
): Promise<readonly string[]> {
  // With -m, a merge is compared with each of its parents.
  const list = ['log', '-m', '--no-renames', '--diff-filter=A', '--format=', '--name-only', '-z'];
  return [...new Set(await gitFields([...list, commit, `^${start}`], options))];
}
