import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

/** More than `N/M` is not a progress, and agents write this file. */
const MAX_BYTES = 64;

/**
 * What a pod says of its own progress, `done/total`; undefined when it says nothing. An agent may put
 * anything in the file's place: only a plain file is read, and never waited for.
 */
export function readProgress(path: string): string | undefined {
  try {
    const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      if (!fstatSync(file).isFile()) return undefined;
      const buffer = Buffer.alloc(MAX_BYTES);
      const text = buffer.toString('utf8', 0, readSync(file, buffer, 0, MAX_BYTES, 0)).trim();
      return /^\d{1,9}\/[1-9]\d{0,8}$/.test(text) ? text : undefined;
    } finally {
      closeSync(file);
    }
  } catch {
    return undefined;
  }
}
