import { delimiter, join } from 'node:path';
import { ENV, RUNTIME } from '@agentteam/contract';

const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * In an image that is not ours, the runner itself uses the programs of the runtime, and the agent first those of
 * the image. Elsewhere nothing changes.
 * @param own the environment of this process. Its PATH is changed.
 * @returns the environment for the step, with the PATH of the agent's commands.
 */
export function useOwnPrograms(own: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const runtime = own[ENV.runtime];
  if (runtime === undefined) return own;
  const { programs, claude } = RUNTIME.inside;
  const path = own['PATH'] || DEFAULT_PATH;
  const env = {
    ...own,
    PATH: withLastPrograms(path, runtime),
    [ENV.claude]: join(runtime, claude),
  };
  own['PATH'] = [join(runtime, programs), path].join(delimiter);
  return env;
}

/** A PATH with the programs that an agent gets where its image has none. Unchanged in our own image. */
export function withLastPrograms(path: string, runtime: string | undefined): string {
  if (runtime === undefined) return path;
  return [path, join(runtime, RUNTIME.inside.lastPrograms)].join(delimiter);
}
