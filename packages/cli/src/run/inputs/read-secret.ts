import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import type { SecretValues } from '@agentteam/local';

/**
 * Reads a Secret from a directory with a file for each key, or from a file of `KEY=value` lines.
 * @throws the error of the file system when it cannot be read.
 */
export function readSecret(path: string): SecretValues {
  if (!statSync(path).isDirectory()) return parseEnv(readFileSync(path, 'utf8')) as SecretValues;
  const entries = readdirSync(path, { withFileTypes: true });
  // Kubernetes mounts a Secret with directories whose names begin with two dots.
  const keys = entries.filter((entry) => !entry.isDirectory() && !entry.name.startsWith('..'));
  return Object.fromEntries(
    keys.map(({ name }) => [name, readFileSync(join(path, name), 'utf8')] as const),
  );
}

/** Reads a Secret that people can replace during a run. @returns undefined while it cannot be read. */
export function rereadSecret(path: string): SecretValues | undefined {
  try {
    return readSecret(path);
  } catch {
    // The file is being replaced, or its directory is.
    return undefined;
  }
}
