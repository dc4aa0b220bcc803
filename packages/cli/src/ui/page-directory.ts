import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));

/** Finds the files of the page, which the build writes. */
export function pageDirectory(): string {
  // In a bundle this module is part of dist/agentteam.mjs or of one of its chunks.
  const built = [here, dirname(here)].map((directory) => join(directory, 'ui'));
  return (
    built.find((directory) => existsSync(join(directory, 'index.html'))) ??
    join(here, '../../../../dist/ui')
  );
}
