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
  /** Id of the blob. */
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
  for await (const { path, object, bytes, content } of readAddedFiles(start, commit, options)) {
    if (bytes > leftovers.maxFileSize) {
      files.push(`${path}: ${(bytes / 1024 ** 2).toFixed(1)} MiB`);
    }
    if (isSecretFile(path, leftovers)) {
      const id = idOf(object);
      secrets.set(id, { id, description: `${path}: a file that may hold secrets`, object });
    }
    for (const { id, kind, line, value } of await findSecrets(path, content)) {
      if (secrets.has(id) || (await isIn(base, value, options))) continue;
      secrets.set(id, { id, description: `${path}:${line}: ${kind}`, object });
    }
  }
  return { secrets: [...secrets.values()], files };
}

/** Whether a text is in a commit's files. */
async function isIn(commit: string, value: string, options: GitOptions): Promise<boolean> {
  const [longest = ''] = value.split('\n').toSorted((a, b) => b.length - a.length);
  const args = ['grep', '--quiet', '--fixed-strings', '-f', '-', commit];
  return (await git(args, { ...options, input: `${longest}\n`, accept: [0, 1] })).exitCode === 0;
}
