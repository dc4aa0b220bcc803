import { readFileOfAgent } from '@agentteam/volume';
import { MAX_POINTER_BYTES, readPointers, storedAt } from '../lfs-pointer.ts';
import type { TeamRepository } from '../repository.ts';
import type { GitOptions } from '../run.ts';
import { type AddedFile, readAddedFiles } from './added-files.ts';
import { readAddedNames } from './added-names.ts';
import { isSecretFile } from './ignore.ts';
import { isContentOf, isNameIn } from './known-secrets.ts';
import { findSecrets, idOf, MAX_SEARCHED_BYTES, type Secret } from './secrets.ts';

/** A likely secret that some commit adds. */
export interface CommittedSecret {
  readonly id: string;
  /** For example `src/keys.ts:3: AWS Access Key ID`. */
  readonly description: string;
  readonly kind: 'file' | 'commit' | 'name';
  /** Id of the blob, id of the commit whose message contains the secret, or the name of a file. */
  readonly object: string;
}

/** Secrets and large files that the commits of a range add, perhaps by mistake. */
export interface Suspicious {
  readonly secrets: readonly CommittedSecret[];
  /** Large files, for example `dist/app.bin: 2.9 MiB`. */
  readonly files: readonly string[];
}

/**
 * Searches every file version that the commits of a range add, including those removed again later, the names
 * of these files, and the commits' messages. Credentials that the repository had before the team started do
 * not count.
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
    const { kind, object, bytes } = added;
    const path = added.path || UNNAMED;
    if (kind === 'file' && bytes > leftovers.maxFileSize) {
      files.push(`${path}: ${(bytes / 1024 ** 2).toFixed(1)} MiB`);
    }
    if (kind === 'file' && isSecretFile(path, leftovers)) {
      const id = idOf(object);
      const description = `${path}: a file that may hold secrets`;
      secrets.set(id, { id, description, kind, object });
    }
    for (const { id, kind: what, line, value } of await secretsIn(added, path, options)) {
      if (secrets.has(id) || (await isContentOf(base, value, options))) continue;
      const where = kind === 'commit' ? 'the message of a commit' : `${path}:${line}`;
      secrets.set(id, { id, description: `${where}: ${what}`, kind, object });
    }
  }
  const names = await readAddedNames(start, commit, options);
  const lines = names.map((name) => name.replaceAll('\n', ' ')).join('\n');
  for (const { id, kind: what, line, value } of await findSecrets('names', lines)) {
    if (secrets.has(id) || (await isNameIn(base, value, options))) continue;
    const description = `the name of a file: ${what}`;
    secrets.set(id, { id, description, kind: 'name', object: names[line - 1] ?? '' });
  }
  return { secrets: [...secrets.values()], files };
}

const UNNAMED = 'a file whose name begins with a line feed';

/** The secrets in a file, and in the large file to which it points. */
async function secretsIn(
  { content, bytes }: AddedFile,
  path: string,
  { cwd }: GitOptions,
): Promise<readonly Secret[]> {
  const text = content.toString('utf8');
  const found = [...(await findSecrets(path, text))];
  const pointers = bytes < MAX_POINTER_BYTES ? readPointers(text) : [];
  for (const { id } of pointers) {
    const reading = await readFileOfAgent(storedAt(cwd, id), MAX_SEARCHED_BYTES);
    if ('text' in reading) found.push(...(await findSecrets(path, reading.text)));
  }
  return found;
}
