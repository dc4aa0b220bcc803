import type { TeamRepository } from '../repository.ts';
import { type GitOptions, git } from '../run.ts';
import { readAddedFiles } from './added-files.ts';
import { isSecretFile } from './ignore.ts';
import { findSecrets, idOf } from './secrets.ts';

/** A likely secret that some commit adds. */
export interface CommittedSecret {
  readonly id: string;
  /** `src/keys.ts:3: AWS Access Key ID`. */
  readonly words: string;
  readonly kind: 'file' | 'commit';
  /** Id of the file's content, or of the commit in whose message the secret is. */
  readonly object: string;
}

/** What the commits of a range add that may not be meant for the repository. */
export interface Suspicious {
  readonly secrets: readonly CommittedSecret[];
  /** `dist/app.bin: 2.9 MiB`: large files, dependencies, caches. */
  readonly files: readonly string[];
}

/**
 * Looks through all that the commits of a range add, also what a later one takes away.
 * @param start of the range; the repository before the team is known besides.
 * @param options of a call in a repository that has it all.
 */
export async function findSuspicious(
  { base, leftovers }: TeamRepository,
  start: string,
  commit: string,
  options: GitOptions,
): Promise<Suspicious> {
  const secrets = new Map<string, CommittedSecret>();
  const files: string[] = [];
  for await (const added of readAddedFiles(start, commit, options)) {
    const { kind, object, bytes, content } = added;
    const path = added.path || UNNAMED;
    if (kind === 'file' && bytes > leftovers.maxFileSize) {
      files.push(`${path}: ${(bytes / 1024 ** 2).toFixed(1)} MiB`);
    }
    if (kind === 'file' && isSecretFile(path, leftovers)) {
      const id = idOf(object);
      secrets.set(id, { id, words: `${path}: a file that may hold secrets`, kind, object });
    }
    for (const { id, kind: what, line, value } of await findSecrets(path, content)) {
      if (secrets.has(id) || (await isIn(base, value, options))) continue;
      const where = kind === 'commit' ? 'the message of a commit' : `${path}:${line}`;
      secrets.set(id, { id, words: `${where}: ${what}`, kind, object });
    }
  }
  return { secrets: [...secrets.values()], files };
}

const UNNAMED = 'a file whose name begins with a line end';

/** Whether a text stood in the repository before the team began: then it is no secret of theirs. */
async function isIn(commit: string, value: string, options: GitOptions): Promise<boolean> {
  const [longest = ''] = value.split('\n').toSorted((a, b) => b.length - a.length);
  const args = ['grep', '--quiet', '--fixed-strings', '-f', '-', commit];
  return (await git(args, { ...options, input: `${longest}\n`, accept: [0, 1] })).exitCode === 0;
}
