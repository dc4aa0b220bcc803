import { type GitOptions, git, gitFields } from '../run.ts';

/** Files that are read in search of texts of several lines. */
const MAX_CANDIDATES = 100;

/** Which of some texts a commit has in its files. */
export async function inContentsOf(
  commit: string,
  texts: readonly string[],
  options: GitOptions,
): Promise<ReadonlySet<string>> {
  const isLine = (text: string) => !text.includes('\n');
  const lines = texts.filter(isLine);
  const found = await grep(['--only-matching', '-h', '--text'], lines, commit, options);
  const matched = new Set(found.stdout.split('\n'));
  const known = new Set(lines.filter((text) => matched.has(text)));
  const blocks = texts.filter((text) => !isLine(text));
  // The longest line may be one that all secrets of a kind have, such as the header of a private key.
  const candidates = await grep(
    ['--files-with-matches', '-z'],
    blocks.map(longestLine),
    commit,
    options,
  );
  for (const file of candidates.stdout.split('\0').filter(Boolean).slice(0, MAX_CANDIDATES)) {
    const content = await contentOf(file, options);
    for (const text of blocks) if (content.includes(text)) known.add(text);
  }
  return known;
}

function longestLine(text: string): string {
  return text.split('\n').reduce((a, b) => (b.length > a.length ? b : a));
}

async function grep(
  how: readonly string[],
  texts: readonly string[],
  commit: string,
  options: GitOptions,
): Promise<{ readonly stdout: string }> {
  if (texts.length === 0) return { stdout: '' };
  const input = texts.map((text) => `${text}\n`).join('');
  const args = ['grep', ...how, '--fixed-strings', '-f', '-', commit];
  return git(args, { ...options, input, accept: [0, 1] });
}

/** Larger files are not read: git's output is limited. */
const MAX_BYTES = 32 * 1024 ** 2;

async function contentOf(file: string, options: GitOptions): Promise<string> {
  const { stdout: size } = await git(['cat-file', '-s', file], options);
  if (Number(size) > MAX_BYTES) return '';
  return (await git(['cat-file', 'blob', file], options)).stdout;
}

/** Which of some texts a commit has in the paths of its files. */
export async function inNamesOf(
  commit: string,
  texts: readonly string[],
  options: GitOptions,
): Promise<ReadonlySet<string>> {
  if (texts.length === 0) return new Set();
  const list = ['ls-tree', '-r', '-z', '--name-only', '--full-tree', commit];
  const names = await gitFields(list, options);
  return new Set(texts.filter((text) => names.some((name) => name.includes(text))));
}
