import { writeFileSync } from 'node:fs';

/** The calls that `sandbox/seccomp.ts` refuses, by name. Runtimes ignore those of another architecture. */
const REFUSED = [
  ...[
    'keyctl',
    'add_key',
    'request_key',
    'userfaultfd',
    'bpf',
    'perf_event_open',
    'mount',
    'umount2',
  ],
  ...['pivot_root', 'setns', 'kexec_load', 'kexec_file_load', 'init_module', 'finit_module'],
  ...['delete_module', 'open_by_handle_at', 'quotactl', 'swapon', 'swapoff', 'reboot', 'acct'],
  ...['syslog', 'iopl', 'ioperm', 'io_uring_setup', 'io_uring_enter', 'io_uring_register'],
  ...['open_tree', 'move_mount', 'fsopen', 'fsconfig', 'fsmount', 'fspick', 'mount_setattr'],
];

const CLONE_NEWUSER = 0x10000000;
/** TIOCSTI and TIOCLINUX. */
const TERMINAL_INPUT = [0x5412, 0x541c];
/** All families below 17 but AF_UNIX, AF_INET, AF_INET6 and AF_NETLINK. */
const FAMILIES = [0, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15];
const AF_NETLINK = 16;

const EPERM = 1;
const ENOSYS = 38;
const EAFNOSUPPORT = 97;

const ARCHITECTURES: Readonly<Partial<Record<NodeJS.Architecture, string>>> = {
  x64: 'SCMP_ARCH_X86_64',
  arm64: 'SCMP_ARCH_AARCH64',
};

/** The bits of an argument in a mask have this value. The kernel ignores the upper half of an int. */
const masked = (index: number, mask: number, value: number) => ({
  ...{ index, value: mask, valueTwo: value },
  op: 'SCMP_CMP_MASKED_EQ',
});
const refuse = (names: readonly string[], errnoRet: number, ...args: readonly object[]) => ({
  ...{ names, action: 'SCMP_ACT_ERRNO', errnoRet },
  ...(args.length > 0 && { args }),
});

/**
 * Writes the system call filter of containers from images, as podman reads it. It is the filter of the sandbox.
 * Podman's own one allows user namespaces, in which a program has capabilities.
 * @returns the path.
 */
export function writeSeccompProfile(path: string): string {
  const architecture = ARCHITECTURES[process.arch];
  if (architecture === undefined)
    throw new Error(`no system call filter supports the architecture ${process.arch}`);
  const profile = {
    defaultAction: 'SCMP_ACT_ALLOW',
    architectures: [architecture],
    syscalls: [
      refuse(REFUSED, EPERM),
      refuse(['clone3'], ENOSYS),
      refuse(['clone', 'unshare'], EPERM, masked(0, CLONE_NEWUSER, CLONE_NEWUSER)),
      ...TERMINAL_INPUT.map((request) => refuse(['ioctl'], EPERM, masked(1, 0xffffffff, request))),
      ...FAMILIES.map((family) => refuse(['socket'], EAFNOSUPPORT, masked(0, 0xffffffff, family))),
      refuse(['socket'], EAFNOSUPPORT, { index: 0, value: AF_NETLINK, op: 'SCMP_CMP_GT' }),
    ],
  };
  writeFileSync(path, JSON.stringify(profile));
  return path;
}
