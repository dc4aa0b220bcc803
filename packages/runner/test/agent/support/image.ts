import { join } from 'node:path';
import { ENV, LOADER_VARIABLES, PATHS, RUNTIME } from '@agentteam/contract';

/** An image that is not ours, unpacked. */
export interface Image {
  /** Its files. The container sees them read-only. */
  readonly directory: string;
  /** The runtime, as `scripts/make-runtime.mjs` makes it. */
  readonly runtime: string;
  /** The image's own variables. */
  readonly variables: Readonly<Record<string, string>>;
}

/** User and group of the containers of a team. */
const UID = '1000';

/**
 * The command line of the runner in an image, with the mounts, the user and the variables that the compiled
 * Workflow declares.
 * @param root the directory with the pod's emptyDirs.
 */
export function inImage(
  { directory, runtime, variables }: Image,
  root: string,
  mounts: Readonly<Record<string, string>>,
): readonly string[] {
  const bind = ([path, place]: readonly [string, string]) => ['--bind', place, path];
  const own = [PATHS.home, PATHS.skills].map((path) => [path, `${root}${path}`] as const);
  const log = [PATHS.terminationLog, `${root}${PATHS.terminationLog}`] as const;
  const declared = {
    ...variables,
    HOME: PATHS.home,
    [ENV.runtime]: RUNTIME.directory,
    ...Object.fromEntries(LOADER_VARIABLES.map((name) => [name, ''])),
  };
  return [
    'bwrap',
    ...['--unshare-user', '--uid', UID, '--gid', UID, '--unshare-pid', '--die-with-parent'],
    ...['--bind', directory, '/', '--proc', '/proc', '--dev', '/dev', '--tmpfs', '/tmp'],
    ...['--ro-bind', runtime, RUNTIME.directory],
    ...Object.entries(RUNTIME.replaced).flatMap(([path, inside]) => [
      '--ro-bind',
      join(runtime, inside),
      path,
    ]),
    ...[...own, log, ...Object.entries(mounts)].flatMap(bind),
    ...['--ro-bind', `${root}${PATHS.gateway}`, PATHS.gateway],
    ...['--remount-ro', '/', '--chdir', '/'],
    ...Object.entries(declared).flatMap(([name, value]) => ['--setenv', name, value]),
    ...['--', ...RUNTIME.runner],
  ];
}
