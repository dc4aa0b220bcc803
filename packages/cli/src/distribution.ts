import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Failure } from './failure.ts';

const here = dirname(fileURLToPath(import.meta.url));

/**
 * The directory of everything that is built and shipped: the programs and the files of the page. In a bundle
 * this module is part of agentteam.mjs there, or of a chunk one level below. Sources use what was built of them.
 * @throws Failure when nothing is there.
 */
export function distribution(): string {
  const places = [here, dirname(here), join(here, '../../../dist')];
  const directory = places.find((place) => existsSync(join(place, 'runner.mjs')));
  if (directory !== undefined) return directory;
  throw new Failure('the program agentteam-runner is missing beside agentteam', {
    hint: 'Install the package again. In a clone, run npm run build.',
  });
}

/** The directory for files of this user that can be made again. */
export function cacheDirectory(env: NodeJS.ProcessEnv): string {
  return join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'agentteam');
}
