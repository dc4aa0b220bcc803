import type { Context } from '../context.ts';
import { localHost } from './local-host.ts';
import { runsDirectory } from './runs-directory.ts';
import type { TeamHost } from './team-host.ts';

/**
 * Where teams are: the runs of this machine.
 * @param directory from `--dir`.
 */
export function openHost(context: Context, directory: string | undefined): TeamHost {
  return localHost(runsDirectory(context, directory));
}
