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

/** Whether containers can be sandboxed here; if not, why. Tried for real. */
export function detectSandbox():
  | { readonly available: true }
  | { readonly available: false; readonly why: string } {
  const result = spawnSync(
    'bwrap',
    ['--unshare-pid', '--ro-bind', '/', '/', '--proc', '/proc', 'true'],
    {
      encoding: 'utf8',
    },
  );
  if (result.status === 0) return { available: true };
  const why =
    result.error === undefined
      ? `bubblewrap does not work here: ${(result.stderr ?? '').trim()}`
      : 'bubblewrap (bwrap) is not installed';
  return { available: false, why };
}

/**
 * The command line that runs a container in a sandbox: it sees the system, the programs that it
 * needs and its own mounts, at their places on this machine and at their container paths. Of the
 * user's files it sees nothing else, and of other processes only those it started. The network is
 * the machine's: the container's gateway is on loopback.
 */
export function bubblewrap(
  command: readonly string[],
  container: {
    readonly root: string;
    readonly mounts: readonly HostMount[];
    /** Programs and their libraries, read-only. */
    readonly programs: readonly string[];
    /** Further directories that it may write to. */
    readonly writable: readonly string[];
  },
): readonly string[] {
  const bind = ({ host, readOnly }: HostMount, at: string): readonly string[] => [
    readOnly ? '--ro-bind' : '--bind',
    host,
    at,
  ];
  return [
    'bwrap',
    ...['--unshare-pid', '--unshare-ipc', '--unshare-uts', '--die-with-parent'],
    ...SYSTEM.filter(existsSync).flatMap((path) => ['--ro-bind', path, path]),
    ...['--proc', '/proc', '--dev', '/dev', '--tmpfs', '/tmp'],
    // Container paths first: a directory of this machine may lie below one of them (/tmp, say).
    ...container.mounts.flatMap((mount) => bind(mount, mount.path)),
    ...container.programs.flatMap((path) => ['--ro-bind', path, path]),
    ...['--ro-bind', container.root, container.root],
    ...container.mounts.flatMap((mount) => bind(mount, mount.host)),
    ...container.writable.flatMap((path) => ['--bind', path, path]),
    ...['--chdir', '/', '--', ...command],
  ];
}
