import { realpathSync } from 'node:fs';
import { isAbsolute } from 'node:path';

/** A program that a container runs lies where its sandbox shows nothing. */
export class HiddenProgramError extends Error {
  override readonly name: string = 'HiddenProgramError';
}

/**
 * Checks that a container's programs, behind all links that lead to them, are among what it is shown.
 * Otherwise it would end with "No such file or directory" about a file that everybody can see.
 * @param runs paths; words that are none are passed over.
 * @throws HiddenProgramError
 */
export function requireVisible(runs: readonly string[], shown: readonly string[]): void {
  const places = [...shown, ...shown.flatMap((path) => resolved(path) ?? [])];
  for (const path of runs) {
    const real = isAbsolute(path) ? resolved(path) : undefined;
    if (real === undefined || places.some((place) => isAt(real, place))) continue;
    const link = real === path ? '' : `, a link to ${real}`;
    throw new HiddenProgramError(
      `the sandbox of the agent does not show ${path}${link}, which it has to run; ` +
        'install the program below /usr or /usr/local, or its whole directory in one place without links',
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
