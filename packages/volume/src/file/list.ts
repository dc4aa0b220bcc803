import { opendir } from 'node:fs/promises';
import { LIMITS } from './limits.ts';

export interface Listing {
  readonly names: readonly string[];
  /** Whether there are more names. */
  readonly cut: boolean;
}

/**
 * Lists the names in a directory one after the other, up to a maximum. `readdir` would keep a flood of them
 * in memory.
 * @param path as {@link inDirectory} passes it to its callback, because links are followed here.
 */
export async function listNames(path: string, max: number = LIMITS.names): Promise<Listing> {
  const names: string[] = [];
  for await (const { name } of await opendir(path, { bufferSize: 256 })) {
    if (names.length === max) return { names, cut: true };
    names.push(name);
  }
  return { names, cut: false };
}
