import { readFileOfAgent } from '@agentteam/volume';
import { MAX_POINTER_BYTES, readPointers, storedAt } from '../lfs-pointer.ts';
import type { TeamRepository } from '../repository.ts';
import type { GitOptions } from '../run.ts';
import { type AddedFile, readAddedFiles } from './added-files.ts';
import { readAddedNames } from './added-names.ts';
import { isSecretFile } from './ignore.ts';
import { inContentsOf, inNamesOf } from './known-secrets.ts';
import { findSecrets, idOf, MAX_SEARCHED_BYTES, MAX_SECRETS, type Secret } from './secrets.ts';

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
  /** Whether there are so many findings that the rest was not searched. */
  readonly isCut: boolean;
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
  const found: Found[] = [];
  const isCut = () => secrets.size + found.length >= MAX_SECRETS;
  for await (const added of readAddedFiles(start, commit, options)) {
    if (isCut()) break;
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
    for (const secret of await secretsIn(added, path, options)) {
      const where = kind === 'commit' ? 'the message of a commit' : `${path}:${secret.line}`;
      found.push({ secret, description: `${where}: ${secret.kind}`, kind, object });
    }
  }
  const names = await readAddedNames(start, commit, options);
  for (const secret of await findSecrets('names', names.map(onOneLine).join('\n'))) {
    const description = `the name of a file: ${secret.kind}`;
    found.push({ secret, description, kind: 'name', object: names[secret.line - 1] ?? '' });
  }
  const known = await knownIn(base, found, options);
  for (const { secret, ...where } of found) {
    const { id, value } = secret;
    if (!known(where.kind, value) && !secrets.has(id)) secrets.set(id, { id, ...where });
  }
  return { secrets: [...secrets.values()], files, isCut: isCut() };
}

interface Found extends Omit<CommittedSecret, 'id'> {
  readonly secret: Secret;
}

/** Tells which findings the repository had before. */
async function knownIn(
  base: string,
  found: readonly Found[],
  options: GitOptions,
): Promise<(kind: CommittedSecret['kind'], value: string) => boolean> {
  const valuesOf = (isName: boolean) =>
    found.filter(({ kind }) => (kind === 'name') === isName).map(({ secret }) => secret.value);
  const contents = await inContentsOf(base, valuesOf(false), options);
  const names = await inNamesOf(base, valuesOf(true), options);
  return (kind, value) => (kind === 'name' ? names : contents).has(value);
}

function onOneLine(name: string): string {
  return name.replaceAll('\n', ' ');
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
