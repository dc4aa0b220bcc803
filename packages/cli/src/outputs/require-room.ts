import { lstat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../failure.ts';
import { oneLine } from '../output/terminal/safe.ts';
import { PART } from './copy-file.ts';
import type { OutputFile } from './result-files.ts';
import { sizeOf } from './transfer-progress.ts';

/**
 * Checks that a disk has room for copies. An agent can make a file of any size that takes no room where it is.
 * @param to an existing directory.
 * @throws Failure that names the largest file.
 */
export async function requireRoom(to: string, files: readonly OutputFile[]): Promise<void> {
  let missing = 0;
  let largest: OutputFile | undefined;
  for (const file of files) {
    missing += Math.max(0, file.bytes - (await copiedOf(join(to, file.path))));
    if (file.bytes > (largest?.bytes ?? -1)) largest = file;
  }
  const { bavail, bsize } = await statfs(to);
  const room = bavail * bsize;
  if (largest === undefined || missing <= room) return;
  throw new Failure(
    `the results need ${sizeOf(missing)}, and the disk of ${to} has room for ${sizeOf(room)}`,
    {
      hint: `The largest file is ${oneLine(largest.path)} (${sizeOf(largest.bytes)}). Name the files that you need, or choose another directory.`,
    },
  );
}

/** Bytes that an earlier transfer has copied. */
async function copiedOf(path: string): Promise<number> {
  for (const place of [path, `${path}${PART}`]) {
    const stat = await lstat(place).catch(() => undefined);
    if (stat?.isFile()) return stat.size;
  }
  return 0;
}
