import { TextDecoder } from 'node:util';
import { type GitOptions, git } from '../git/run.ts';

/** A commit as git stores it (https://git-scm.com/docs/gitformat-signature and git-cat-file). */
export interface RawCommit {
  readonly tree: string;
  readonly parents: readonly string[];
  /** `Name <address> seconds zone`. */
  readonly author: string;
  readonly committer: string;
  readonly message: string;
  /** Whether all text is UTF-8. Other encodings could show different text to different readers. */
  readonly isPlain: boolean;
}

/** @returns the bytes of each commit by its id, in the order of `ids`. */
export async function readCommits(
  ids: readonly string[],
  options: GitOptions,
): Promise<ReadonlyMap<string, Buffer>> {
  const input = ids.map((id) => `${id}\n`).join('');
  // Sizes count bytes, and in latin1 each byte is one character.
  const { stdout } = await git(['cat-file', '--batch'], { ...options, input, encoding: 'latin1' });
  const commits = new Map<string, Buffer>();
  let at = 0;
  for (const id of ids) {
    const end = stdout.indexOf('\n', at);
    const size = Number(stdout.slice(at, end).split(' ')[2]);
    commits.set(id, Buffer.from(stdout.slice(end + 1, end + 1 + size), 'latin1'));
    at = end + 1 + size + 1;
  }
  return commits;
}

export function parseCommit(bytes: Buffer): RawCommit {
  const end = bytes.indexOf('\n\n');
  const head = bytes.subarray(0, end === -1 ? bytes.length : end).toString('latin1');
  const lines = head.split('\n').map((line) => line.split(/ (.*)/s));
  const values = (key: string) =>
    lines.flatMap(([name, value = '']) => (name === key ? [value] : []));
  const encoding = values('encoding')[0];
  const read = reader(encoding);
  const [author, committer] = ['author', 'committer'].map((key) =>
    read(Buffer.from(values(key)[0] ?? '', 'latin1')),
  );
  const message = read(end === -1 ? Buffer.alloc(0) : bytes.subarray(end + 2));
  return {
    tree: values('tree')[0] ?? '',
    parents: values('parent'),
    author: author?.text ?? '',
    committer: committer?.text ?? '',
    message: message.text,
    isPlain:
      encoding === undefined && [author, committer, message].every((part) => part?.isUtf8 === true),
  };
}

/** The commit's text as git hashes it. A signature is left out: it would no longer match. */
export function rawText({ tree, parents, author, committer, message }: RawCommit): string {
  const head = [
    `tree ${tree}`,
    ...parents.map((parent) => `parent ${parent}`),
    `author ${author}`,
    `committer ${committer}`,
  ];
  return `${head.join('\n')}\n\n${message}`;
}

function reader(encoding: string | undefined) {
  const decoder = decoderOf(encoding);
  return (bytes: Buffer) => {
    const text = decoder.decode(bytes);
    return { text, isUtf8: Buffer.from(text).equals(bytes) };
  };
}

/** Unknown encodings are read as UTF-8, as git does. */
function decoderOf(encoding = 'utf-8'): TextDecoder {
  try {
    return new TextDecoder(encoding, { ignoreBOM: true });
  } catch {
    return new TextDecoder('utf-8', { ignoreBOM: true });
  }
}
