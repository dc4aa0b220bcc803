import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { HAS_PROC } from './proc.ts';

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK, O_DIRECTORY } = constants;

export interface Bound {
  readonly maxBytes: number;
  /** Of a longer file: its end, or nothing at all. */
  readonly longer: 'end' | 'nothing';
}

/**
 * A file that a container has left; undefined where there is no plain file. No link is followed on
 * the way, no device or pipe is waited for, and no more than `maxBytes` are read, however long the
 * file is.
 * @param directory of this machine, which the container cannot replace.
 * @param names the path below it.
 */
export function readLeft(
  directory: string,
  names: readonly string[],
  { maxBytes, longer }: Bound,
): string | undefined {
  const name = names.at(-1) ?? '';
  if (names.some((one) => one === '' || one === '.' || one === '..')) return undefined;
  const opened: number[] = [];
  try {
    let at = openSync(directory, O_RDONLY | O_DIRECTORY);
    opened.push(at);
    let path = directory;
    for (const one of names.slice(0, -1)) {
      path = below(at, path, one);
      at = openSync(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
      opened.push(at);
    }
    const file = openSync(below(at, path, name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    opened.push(file);
    const stat = fstatSync(file);
    if (!stat.isFile() || (longer === 'nothing' && stat.size > maxBytes)) return undefined;
    const buffer = Buffer.alloc(Math.min(stat.size, maxBytes));
    const length = readSync(file, buffer, 0, buffer.length, stat.size - buffer.length);
    return buffer.toString('utf8', 0, length);
  } catch {
    return undefined;
  } finally {
    for (const one of opened) closeSync(one);
  }
}

/** Through the directory that is open: what stands in its place by now does not matter. */
function below(directory: number, path: string, name: string): string {
  return HAS_PROC ? `/proc/self/fd/${directory}/${name}` : `${path}/${name}`;
}
