import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseEnv } from 'node:util';

/** A secret's values by key. */
export type SecretValues = Readonly<Record<string, string>>;

/** Reads a secret from a directory (a file for each key, as Kubernetes mounts it) or a `KEY=value` file. */
export async function readSecret(path: string): Promise<SecretValues> {
  if (!(await stat(path)).isDirectory()) {
    return parseEnv(await readFile(path, 'utf8')) as SecretValues;
  }
  const entries = await readdir(path, { withFileTypes: true });
  const keys = entries.filter((entry) => !entry.isDirectory() && !entry.name.startsWith('..'));
  const values = await Promise.all(
    keys.map(async ({ name }) => [name, await readFile(join(path, name), 'utf8')] as const),
  );
  return Object.fromEntries(values);
}
