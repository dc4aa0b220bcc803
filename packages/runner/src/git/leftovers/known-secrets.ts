import { type GitOptions, git, gitFields } from '../run.ts';

/** Files with the same longest line as a secret of several lines. Beyond this number, it counts as new. */
const MAX_CANDIDATES = 100;

/** Whether a commit has a file that contains a text. */
export async function isContentOf(
  commit: string,
  text: string,
  options: GitOptions,
): Promise<boolean> {
  const [longest = ''] = text.split('\n').toSorted((a, b) => b.length - a.length);
  const list = ['grep', '--files-with-matches', '-z', '--fixed-strings', '-f', '-', commit];
  const input = `${longest}\n`;
  const files = await gitFields(list, { ...options, input, accept: [0, 1] });
  if (longest === text) return files.length > 0;
  // The longest line may be one that all secrets of this kind have, such as the header of a private key.
  for (const file of files.slice(0, MAX_CANDIDATES)) {
    const { stdout } = await git(['cat-file', 'blob', file], options);
    if (stdout.includes(text)) return true;
  }
  return false;
}

/** Whether a commit has a file whose path contains a text. */
export async function isNameIn(
  commit: string,
  text: string,
  options: GitOptions,
): Promise<boolean> {
  const names = await gitFields(
    ['ls-tree', '-r', '-z', '--name-only', '--full-tree', commit],
    options,
  );
  return names.some((name) => name.includes(text));
}
