import type { SandboxNetwork } from './network.ts';
import { identityInSandbox } from './user.ts';

/** The descriptor from which bubblewrap reads the system call filter. */
export const FILTER_FD = 3;

/**
 * Options for own namespaces without capabilities. If root runs the engine, the container still has root's
 * user id outside of its user namespace, so the sandbox must not rely on file modes.
 */
export function isolation(network: SandboxNetwork): readonly string[] {
  const { uid, gid } = identityInSandbox();
  return [
    ...['--unshare-user', '--uid', String(uid), '--gid', String(gid)],
    '--unshare-pid',
    '--unshare-ipc',
    ...['--unshare-uts', '--hostname', HOST_NAME],
    '--unshare-cgroup-try',
    ...(network === 'own' ? ['--unshare-net'] : []),
    '--die-with-parent',
    '--new-session',
    ...['--cap-drop', 'ALL'],
    ...['--seccomp', String(FILTER_FD)],
  ];
}

/** Replaces the machine's name, which often tells the owner's. */
export const HOST_NAME = 'agent';
