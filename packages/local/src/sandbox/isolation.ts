import type { SandboxNetwork } from './network.ts';
import { identityInSandbox } from './user.ts';

/** The descriptor on which bubblewrap reads the filter of system calls. */
export const FILTER_FD = 3;

/**
 * Namespaces of its own, no capability, no way to get one back. An engine of root's is root outside of
 * the user namespace still, without any of its capabilities: nothing below may rely on file modes.
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

/** A machine's name is often its owner's. */
export const HOST_NAME = 'agent';
