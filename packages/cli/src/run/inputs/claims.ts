import { join, resolve } from 'node:path';
import { usageError } from '../../failure.ts';
import { makeDirectories } from '../../make-directories.ts';
import { notFound } from './config-maps.ts';
import type { Need } from './needs.ts';

export interface ClaimSources {
  /** From `--volume claim=dir`. */
  readonly given: ReadonlyMap<string, string>;
  /** The claim of the team's output, and the directory for it. */
  readonly output?: { readonly claim: string; readonly directory: string };
  readonly rehearsal: boolean;
}

/**
 * Finds or makes a directory for each claim.
 * @param standIns where to make stand-in directories in a rehearsal.
 * @throws Failure listing the claims that are missing, or naming one that is a file.
 */
export async function resolveClaims(
  needs: readonly Need[],
  { given, output, rehearsal }: ClaimSources,
  standIns: string,
): Promise<{
  readonly directories: ReadonlyMap<string, string>;
  readonly notes: readonly string[];
}> {
  const directories = new Map<string, string>();
  const notes: string[] = [];
  const missing: string[] = [];
  for (const { name } of needs) {
    const path = given.get(name) ?? (output?.claim === name ? output.directory : undefined);
    if (path !== undefined) {
      directories.set(name, resolve(path));
    } else if (rehearsal) {
      directories.set(name, join(standIns, name));
      notes.push(
        `Volume claim ${name}: using an empty stand-in; use --volume ${name}=DIR for a real one`,
      );
    } else {
      missing.push(name);
    }
  }
  if (missing.length > 0) throw notFound('Volume claim', '--volume', missing);
  for (const [name, directory] of directories) {
    await makeDirectories(directory).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST' && error.code !== 'ENOTDIR') throw error;
      throw usageError(
        `${directory} is a file`,
        `The volume claim ${name} needs a directory. Use --output or --volume to choose one.`,
      );
    });
  }
  return { directories, notes };
}
