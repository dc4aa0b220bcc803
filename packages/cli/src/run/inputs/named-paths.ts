import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { usageError } from '../../failure.ts';
import type { Need } from './needs.ts';

/** Makes the paths absolute. @throws Failure when a path does not exist. */
export async function existingPaths(
  named: Readonly<Record<string, string>>,
  cwd: string,
  option: string,
): Promise<ReadonlyMap<string, string>> {
  const entries = await Promise.all(
    Object.entries(named).map(async ([name, path]) => {
      const absolute = resolve(cwd, path);
      if ((await stat(absolute).catch(() => undefined)) === undefined) {
        throw usageError(`${option} ${name}=${path}: ${absolute} does not exist`);
      }
      return [name, absolute] as const;
    }),
  );
  return new Map(entries);
}

/**
 * Refuses names that the team does not use. A misspelt name would have no effect.
 * @param kind of the named objects: `ConfigMap`.
 * @throws Failure listing the names that the team uses.
 */
export function checkNamed(
  given: ReadonlyMap<string, string>,
  needs: readonly Need[],
  option: string,
  kind: string,
): void {
  const known = needs.map(({ name }) => name);
  const unknown = [...given.keys()].filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  throw usageError(
    `${option} ${unknown.join(', ')}: the team uses no such ${kind}`,
    known.length === 0 ? `It uses no ${kind}.` : `It uses: ${known.join(', ')}.`,
  );
}
