import type { TeamRepository } from '../repository.ts';
import { type GitOptions, git } from '../run.ts';
import { readAddedFiles } from './added-files.ts';
import { isSecretFile } from './ignore.ts';
import { findSecrets, idOf } from './secrets.ts';

/** A likely secret that some commit adds. */
export interface CommittedSecret {
  readonly id: string;
  /** For example `src/keys.ts:3: AWS Access Key ID`. */
  readonly description: string;
  readonly kind: 'file' | 'commit';
  /** Id of the blob, or of the commit whose message contains the secret. */
  readonly object: string;
}

/** Secrets and large files that the commits of a range add, perhaps by mistake. */
export interface Suspicious {
  readonly secrets: readonly CommittedSecret[];
  /** Large files, for example `dist/app.bin: 2.9 MiB`. */
  readonly files: readonly string[];
}

/**
 * Searches every file version that the commits of a range add, including those removed again later.
 * Credentials that the repository had before the team started do not count.
 * @param start the commit before the range.
 * @param options git options for a repository that has the range.
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
      const description = `${path}: a file that may hold secrets`;
      secrets.set(id, { id, description, kind, object });
    }
    for (const { id, kind: what, line, value } of await findSecrets(path, content)) {
      if (secrets.has(id) || (await isIn(base, value, options))) continue;
      const where = kind === 'commit' ? 'the message of a commit' : `${path}:${line}`;
      secrets.set(id, { id, description: `${where}: ${what}`, kind, object });
    }
  }
  return { secrets: [...secrets.values()], files };
}

const UNNAMED = 'a file whose name begins with a line feed';

/** Whether a text is in a commit's files. */
async function isIn(commit: string, value: string, options: GitOptions): Promise<boolean> {
  const [longest = ''] = value.split('\n').toSorted((a, b) => b.length - a.length);
  const args = ['grep', '--quiet', '--fixed-strings', '-f', '-', commit];
  return (await git(args, { ...options, input: `${longest}\n`, accept: [0, 1] })).exitCode === 0;
}
