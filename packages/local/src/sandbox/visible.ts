import { realpathSync } from 'node:fs';
import { isAbsolute } from 'node:path';

/** Thrown when a sandbox does not show a program that its container runs. */
export class HiddenProgramError extends Error {
  override readonly name: string = 'HiddenProgramError';
}

/**
 * Checks that a sandbox shows a container's programs, with all links resolved. Otherwise the container
 * would fail with "No such file or directory" for a file that exists.
 * @param runs words of a command line; only absolute paths are checked.
 * @throws HiddenProgramError
 */
export function requireVisible(runs: readonly string[], shown: readonly string[]): void {
  const places = [...shown, ...shown.flatMap((path) => resolved(path) ?? [])];
  for (const path of runs) {
    const real = isAbsolute(path) ? resolved(path) : undefined;
    if (real === undefined || places.some((place) => isAt(real, place))) continue;
    const link = real === path ? '' : `, a link to ${real}`;
    throw new HiddenProgramError(
      `the agent's sandbox does not show ${path}${link}, which the agent runs; ` +
        'install the program below /usr or /usr/local, or keep its whole directory in one place without links',
    );
  }
}

function isAt(path: string, place: string): boolean {
  return path === place || path.startsWith(`${place}/`);
}

function resolved(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
