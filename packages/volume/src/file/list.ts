import { opendir } from 'node:fs/promises';
import { LIMITS } from './limits.ts';

export interface Listing {
  readonly names: readonly string[];
  /** Whether there are more. */
  readonly cut: boolean;
}

/**
 * Names in a directory, read one after the other and no more than `most`: `readdir` would hold all
 * of a flood in memory.
 * @param path as {@link inDirectory} hands it over: a link would be followed.
 */
export async function listNames(path: string, most: number = LIMITS.names): Promise<Listing> {
  const names: string[] = [];
  for await (const { name } of await opendir(path, { bufferSize: 256 })) {
    if (names.length === most) return { names, cut: true };
    names.push(name);
  }
  return { names, cut: false };
}
