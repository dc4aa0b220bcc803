import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { HAS_PROC } from './proc.ts';

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK, O_DIRECTORY } = constants;

export interface ReadLimit {
  readonly maxBytes: number;
  /** What is read of a longer file. */
  readonly ifLonger: 'end' | 'nothing';
}

/**
 * Reads a file that a container has written. It follows no link, waits for no device or pipe, and reads
 * at most `maxBytes`.
 * @param directory a directory of this machine that the container cannot replace.
 * @param names the path below it.
 * @returns undefined where there is no plain file.
 */
export function readUntrustedFile(
  directory: string,
  names: readonly string[],
  { maxBytes, ifLonger }: ReadLimit,
): string | undefined {
  const name = names.at(-1) ?? '';
  if (names.some((one) => one === '' || one === '.' || one === '..')) return undefined;
  const opened: number[] = [];
  try {
    let parent = openSync(directory, O_RDONLY | O_DIRECTORY);
    opened.push(parent);
    let path = directory;
    for (const one of names.slice(0, -1)) {
      path = childPath(parent, path, one);
      parent = openSync(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
      opened.push(parent);
    }
    const file = openSync(childPath(parent, path, name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    opened.push(file);
    const stat = fstatSync(file);
    if (!stat.isFile() || (ifLonger === 'nothing' && stat.size > maxBytes)) return undefined;
    const buffer = Buffer.alloc(Math.min(stat.size, maxBytes));
    const length = readSync(file, buffer, 0, buffer.length, stat.size - buffer.length);
    return buffer.toString('utf8', 0, length);
  } catch {
    return undefined;
  } finally {
    for (const one of opened) closeSync(one);
  }
}

/** A path through the open directory, so that replacing the directory meanwhile has no effect. */
function childPath(directory: number, path: string, name: string): string {
  return HAS_PROC ? `/proc/self/fd/${directory}/${name}` : `${path}/${name}`;
}
