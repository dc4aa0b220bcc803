import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { usageError } from '../../failure.ts';
import type { Need } from './needs.ts';

/** Collects a repeatable option `name=path`, as commander calls it for each. */
export function collectNamed(
  value: string,
  previous: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const at = value.indexOf('=');
  if (at < 1 || at === value.length - 1) {
    throw usageError(`"${value}" is not name=path`, 'Write for example data=./data');
  }
  return { ...previous, [value.slice(0, at)]: value.slice(at + 1) };
}

/** Makes the paths absolute, and checks that something is there. */
export async function existingPaths(
  named: Readonly<Record<string, string>>,
  cwd: string,
  option: string,
): Promise<ReadonlyMap<string, string>> {
  const entries = await Promise.all(
    Object.entries(named).map(async ([name, path]) => {
      const absolute = resolve(cwd, path);
      if ((await stat(absolute).catch(() => undefined)) === undefined) {
        throw usageError(`${option} ${name}=${path}: there is no ${absolute}`);
      }
      return [name, absolute] as const;
    }),
  );
  return new Map(entries);
}

/**
 * Refuses what is given under a name that the team does not have: misspelt, it would do nothing.
 * @param what the team names: `ConfigMap`.
 */
export function checkNamed(
  given: ReadonlyMap<string, string>,
  needs: readonly Need[],
  option: string,
  what: string,
): void {
  const known = needs.map(({ name }) => name);
  const unknown = [...given.keys()].filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  throw usageError(
    `${option} ${unknown.join(', ')}: the team names no such ${what}`,
    known.length === 0 ? 'It names none at all.' : `It names: ${known.join(', ')}.`,
  );
}
