import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { HostMount } from '../pod/mounts.ts';

/** What every program needs of a system and no user keeps anything in. */
const SYSTEM = [
  '/usr',
  '/bin',
  '/sbin',
  '/lib',
  '/lib32',
  '/lib64',
  '/etc',
  '/run/systemd/resolve',
];

/**
 * A world of its own, apart from the network: the container's gateway is on loopback. An engine that
 * runs as root would hand its capabilities on, and with them the means to undo every mount below.
 */
const ISOLATION = [
  '--unshare-pid',
  '--unshare-ipc',
  '--unshare-uts',
  '--unshare-cgroup-try',
  '--die-with-parent',
  '--new-session',
  ...['--cap-drop', 'ALL'],
];

/** Whether containers can be sandboxed here; if not, why. Tried for real. */
export function detectSandbox():
  | { readonly available: true }
  | { readonly available: false; readonly why: string } {
  const command = [...ISOLATION, '--ro-bind', '/', '/', '--proc', '/proc', '--dev', '/dev', 'true'];
  const { status, error, stderr } = spawnSync('bwrap', command, { encoding: 'utf8' });
  if (status === 0) return { available: true };
  const why =
    error === undefined
      ? `bubblewrap does not work here: ${(stderr ?? '').trim()}`
      : 'bubblewrap (bwrap) is not installed';
  return { available: false, why };
}

/** What a sandbox is made of. Paths are absolute and of this machine. */
export interface SandboxedContainer {
  /** The tree of links that stands for its `/`. */
  readonly root: string;
  readonly mounts: readonly HostMount[];
  /** Programs and their libraries, read-only. */
  readonly programs: readonly string[];
  /** Further directories that it may write to. */
  readonly writable: readonly string[];
}

/**
 * The command line that runs a container in a sandbox: it sees the system, the programs that it
 * needs and its own mounts, at their places on this machine and at their container paths. Of the
 * user's files it sees nothing else, and of other processes only those it started.
 */
export function bubblewrap(
  command: readonly string[],
  { root, mounts, programs, writable }: SandboxedContainer,
): readonly string[] {
  const bind = ({ host, readOnly }: HostMount, at: string): readonly string[] => [
    readOnly ? '--ro-bind' : '--bind',
    host,
    at,
  ];
  // A mount hides what was mounted below it before: outer directories go first.
  const outerFirst = [...mounts].sort((a, b) => a.host.length - b.host.length);
  return [
    'bwrap',
    ...ISOLATION,
    ...SYSTEM.filter(existsSync).flatMap((path) => ['--ro-bind', path, path]),
    ...['--proc', '/proc', '--dev', '/dev', '--tmpfs', '/tmp'],
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
