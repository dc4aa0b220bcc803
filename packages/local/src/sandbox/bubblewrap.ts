import { existsSync, lstatSync, readlinkSync } from 'node:fs';
import { shownEtc } from './etc.ts';
import { isolation } from './isolation.ts';
import type { SandboxNetwork } from './network.ts';
import { coveredProc } from './proc.ts';
import { identityInSandbox } from './user.ts';
import { requireVisible } from './visible.ts';

/** Directories of programs and libraries, including the stores of Nix and Guix. They hold no secrets. */
const SYSTEM = [
  ...['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64'],
  ...['/nix/store', '/gnu/store', '/run/current-system'],
];

/** A volume's place on this machine and in a container. */
export interface HostMount {
  readonly host: string;
  readonly path: string;
  readonly readOnly: boolean;
}

/** What a sandbox shows to a container. Paths are absolute paths of this machine. */
export interface SandboxedContainer {
  /** The directory that serves as its `/`, with links to the mounts. */
  readonly root: string;
  readonly mounts: readonly HostMount[];
  /** Files and directories of the programs that it needs; shown read-only. */
  readonly programs: readonly string[];
  /** Programs that it runs; the sandbox must show each of them. */
  readonly runs: readonly string[];
  /** Files and directories, besides its mounts, that it may write to. */
  readonly writable: readonly string[];
  /** A directory in which the engine creates the container's /etc. */
  readonly etc: string;
  readonly network: SandboxNetwork;
  /**
   * The beginning of a command line that runs the rest of it in the network of its pod. The network then has
   * only a loopback, as one of its own would have, and sidecars serve on it.
   */
  readonly enter?: readonly string[] | undefined;
}

/**
 * The command line that runs a container in a sandbox. The container sees the system, its programs and
 * its mounts, which are at their paths on this machine and at their container paths. It sees no other
 * files of the user, and no processes other than its own. Bubblewrap reads the system call filter from
 * the descriptor `FILTER_FD`.
 * @throws HiddenProgramError naming a program that the sandbox does not show.
 */
export function bubblewrap(
  command: readonly string[],
  container: SandboxedContainer,
): readonly string[] {
  const { root, mounts, programs, runs, writable, etc, network, enter } = container;
  const system = SYSTEM.filter(existsSync);
  requireVisible(runs, [...system, ...programs, root, ...mounts.map(({ host }) => host)]);
  const bind = ({ host, readOnly }: HostMount, at: string): readonly string[] => [
    readOnly ? '--ro-bind' : '--bind',
    host,
    at,
  ];
  // A later mount would hide an earlier one below it.
  const outerFirst = [...mounts].sort((a, b) => a.host.length - b.host.length);
  return [
    ...(enter ?? []),
    'bwrap',
    ...isolation(enter === undefined ? network : 'host'),
    ...system.flatMap(showSystem),
    ...shownEtc(etc, identityInSandbox(), network),
    ...coveredProc(),
    ...['--dev', '/dev', '--tmpfs', '/tmp', '--symlink', '../tmp', '/var/tmp'],
    // Container paths come first, because a directory of this machine may lie below one of them, such as /tmp.
    ...mounts.flatMap((mount) => bind(mount, mount.path)),
    ...programs.flatMap((path) => ['--ro-bind', path, path]),
    ...['--ro-bind', root, root],
    ...outerFirst.flatMap((mount) => bind(mount, mount.host)),
    ...writable.flatMap((path) => ['--bind', path, path]),
    // As in a pod, only mounts can be written to.
    ...['--remount-ro', '/', '--chdir', '/', '--', ...command],
  ];
}

/** On most systems `/bin` is a link to `/usr/bin`, and a link costs less than a mount. */
function showSystem(path: string): readonly string[] {
  const isLink = lstatSync(path).isSymbolicLink();
  const target = isLink ? readlinkSync(path) : '';
  return /^\/?usr\//.test(target) ? ['--symlink', target, path] : ['--ro-bind', path, path];
}
