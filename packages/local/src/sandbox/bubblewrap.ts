import { existsSync, lstatSync, readlinkSync } from 'node:fs';
import type { HostMount } from '../pod/mounts.ts';
import { shownEtc } from './etc.ts';
import { isolation } from './isolation.ts';
import type { SandboxNetwork } from './network.ts';
import { coveredProc } from './proc.ts';
import { identityInSandbox } from './user.ts';
import { requireVisible } from './visible.ts';

/**
 * Where programs and their libraries are, also of systems that keep them in a store; nobody keeps
 * secrets there.
 */
const SYSTEM = [
  ...['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64'],
  ...['/nix/store', '/gnu/store', '/run/current-system'],
];

/** What a sandbox is made of. Paths are absolute and of this machine. */
export interface SandboxedContainer {
  /** The tree of links that stands for its `/`. */
  readonly root: string;
  readonly mounts: readonly HostMount[];
  /** Programs and their libraries, read-only: files or directories. */
  readonly programs: readonly string[];
  /** What it runs: each must be visible to it. */
  readonly runs: readonly string[];
  /** Further files and directories that it may write to. */
  readonly writable: readonly string[];
  /** A directory of the engine's for the files of /etc that are made up. */
  readonly etc: string;
  readonly network: SandboxNetwork;
}

/**
 * The command line that runs a container in a sandbox: it sees the system, the programs that it
 * needs and its own mounts, at their places on this machine and at their container paths. Of the
 * user's files it sees nothing else, and of other processes only those it started.
 * The filter of system calls is read from descriptor `FILTER_FD`.
 * @throws HiddenProgramError naming a program that would not be found.
 */
export function bubblewrap(
  command: readonly string[],
  container: SandboxedContainer,
): readonly string[] {
  const { root, mounts, programs, runs, writable, etc, network } = container;
  const system = SYSTEM.filter(existsSync);
  requireVisible(runs, [...system, ...programs, root, ...mounts.map(({ host }) => host)]);
  const bind = ({ host, readOnly }: HostMount, at: string): readonly string[] => [
    readOnly ? '--ro-bind' : '--bind',
    host,
    at,
  ];
  // A mount hides what was mounted below it before: outer directories go first.
  const outerFirst = [...mounts].sort((a, b) => a.host.length - b.host.length);
  return [
    'bwrap',
    ...isolation(network),
    ...system.flatMap(showSystem),
    ...shownEtc(etc, identityInSandbox(), network),
    ...coveredProc(),
    ...['--dev', '/dev', '--tmpfs', '/tmp', '--symlink', '../tmp', '/var/tmp'],
    // Container paths first: a directory of this machine may lie below one of them (/tmp, say).
    ...mounts.flatMap((mount) => bind(mount, mount.path)),
    ...programs.flatMap((path) => ['--ro-bind', path, path]),
    ...['--ro-bind', root, root],
    ...outerFirst.flatMap((mount) => bind(mount, mount.host)),
    ...writable.flatMap((path) => ['--bind', path, path]),
    // As in a pod: what is not mounted cannot be written.
    ...['--remount-ro', '/', '--chdir', '/', '--', ...command],
  ];
}

/** Most systems have `/bin` as a link to `/usr/bin`; a link costs less than a mount. */
function showSystem(path: string): readonly string[] {
  const isLink = lstatSync(path).isSymbolicLink();
  const target = isLink ? readlinkSync(path) : '';
  return /^\/?usr\//.test(target) ? ['--symlink', target, path] : ['--ro-bind', path, path];
}
