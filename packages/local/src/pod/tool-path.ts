import { delimiter, isAbsolute } from 'node:path';

const ALWAYS = ['/usr/local/bin', '/usr/bin', '/bin'];
const OF_THE_SYSTEM = /^\/(usr|bin|sbin)(\/|$)/;

/**
 * PATH of a container that runs with the programs of this machine. The user's own order decides between programs of
 * the system, such as `/usr/local/go/bin/go` and `/usr/bin/go`. A sandbox shows no other directories. Without one,
 * the rest of the user's PATH follows: on macOS it has Homebrew's programs.
 * @param first directories that come before all others.
 * @param userPath the user's PATH.
 */
export function toolPath(first: readonly string[], userPath: string, isSandboxed: boolean): string {
  const all = userPath.split(delimiter).filter((path) => isAbsolute(path));
  const system = all.filter((path) => OF_THE_SYSTEM.test(path));
  return [...new Set([...first, ...system, ...ALWAYS, ...(isSandboxed ? [] : all)])].join(
    delimiter,
  );
}
