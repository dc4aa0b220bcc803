import type { Dirent } from 'node:fs';
import { opendir } from 'node:fs/promises';
import { join } from 'node:path';
import { LIMITS } from './limits.ts';
import { inDirectory, RefusedError } from './open-directory.ts';

export interface FoundFiles {
  /** Paths below the directory, sorted. */
  readonly files: readonly string[];
  /** Whether the directory has more entries than were searched. */
  readonly cut: boolean;
}

/**
 * Finds plain files below a directory that agents may write to. Links are neither followed nor listed. The
 * search covers {@link LIMITS.outputEntries} entries on {@link LIMITS.outputDepth} levels.
 */
export async function findFiles(directory: string): Promise<FoundFiles> {
  const files: string[] = [];
  let left = LIMITS.outputEntries + 1;
  // Level by level, so that a flood in a deep directory does not hide the files at the top.
  let level: readonly (readonly string[])[] = [[]];
  for (let depth = 0; depth < LIMITS.outputDepth && level.length > 0; depth += 1) {
    const next: (readonly string[])[] = [];
    for (const below of level) {
      const entries = await entriesOf(directory, below, left);
      left -= entries.length;
      if (left === 0) return { files: files.toSorted(), cut: true };
      for (const entry of entries) {
        if (entry.isFile()) files.push(join(...below, entry.name));
        else if (entry.isDirectory()) next.push([...below, entry.name]);
      }
    }
    level = next;
  }
  return { files: files.toSorted(), cut: level.length > 0 };
}

/** At most `max` entries; none of a directory that has disappeared or that is refused. */
async function entriesOf(
  directory: string,
  below: readonly string[],
  max: number,
): Promise<readonly Dirent[]> {
  const found = inDirectory(directory, below, async (path) => {
    const entries: Dirent[] = [];
    for await (const entry of await opendir(path, { bufferSize: 256 })) {
      if (entries.length === max) break;
      entries.push(entry);
    }
    return entries;
  });
  return (
    (await found.catch((error: unknown) => {
      if (error instanceof RefusedError) return undefined;
      throw error;
    })) ?? []
  );
}
