import { closeSync, openSync, unlinkSync, writeFileSync } from 'node:fs';
import { endianness } from 'node:os';

/** Numbers of system calls on one architecture. */
interface SystemCalls {
  /** `AUDIT_ARCH_*` of linux/audit.h. */
  readonly architecture: number;
  readonly clone: number;
  readonly clone3: number;
  readonly ioctl: number;
  readonly socket: number;
  readonly unshare: number;
  /** Refused with any arguments. */
  readonly refused: readonly number[];
}

/** io_uring and the newer mount calls, which have the same numbers on all architectures. */
const COMMON = [425, 426, 427, 428, 429, 430, 431, 432, 433, 442];

/**
 * Programs of agents do not need the refused calls, which reach beyond the sandbox's namespaces: keyrings, kernel
 * modules, tracing, mounts, file handles, other namespaces. Their order is keyctl, add_key, request_key,
 * userfaultfd, bpf, perf_event_open, mount, umount2, pivot_root, setns, kexec_load, kexec_file_load, init_module,
 * finit_module, delete_module, open_by_handle_at, quotactl, swapon, swapoff, reboot, acct, syslog.
 */
const SYSTEM_CALLS: Readonly<Partial<Record<NodeJS.Architecture, SystemCalls>>> = {
  x64: {
    architecture: 0xc000003e,
    clone: 56,
    clone3: 435,
    ioctl: 16,
    socket: 41,
    unshare: 272,
    refused: [
      ...[250, 248, 249, 323, 321, 298, 165, 166, 155, 308, 246, 320, 175, 313, 176],
      // These two exist on this architecture only: iopl, ioperm.
      ...[304, 179, 167, 168, 169, 163, 103, 172, 173, ...COMMON],
    ],
  },
  arm64: {
    architecture: 0xc00000b7,
    clone: 220,
    clone3: 435,
    ioctl: 29,
    socket: 198,
    unshare: 97,
    refused: [
      ...[219, 217, 218, 282, 280, 241, 40, 39, 41, 268, 104, 294, 105, 273, 106],
      ...[265, 60, 224, 225, 142, 89, 116, ...COMMON],
    ],
  },
};

/** Instructions of classic BPF (linux/bpf_common.h), and offsets in `struct seccomp_data`. */
const LOAD = 0x20;
const JUMP_EQUAL = 0x15;
const JUMP_GREATER_OR_EQUAL = 0x35;
const JUMP_ANY_BIT = 0x45;
const RETURN = 0x06;
const NUMBER = 0;
const ARCHITECTURE = 4;
const argument = (index: number): number => 16 + 8 * index;

const ALLOW = 0x7fff0000;
const refuseWith = (errno: number): number => 0x00050000 | errno;
const EPERM = refuseWith(1);
const ENOSYS = refuseWith(38);
const EAFNOSUPPORT = refuseWith(97);

/** The x32 variant of x86-64 adds this bit to the number of every call. */
const X32 = 0x40000000;
const CLONE_NEWUSER = 0x10000000;
/** These requests type into the terminal from which the sandbox was started. */
const TERMINAL_INPUT = [0x5412 /* TIOCSTI */, 0x541c /* TIOCLINUX */];
/** AF_UNIX, AF_INET, AF_INET6, AF_NETLINK. Others, such as AF_VSOCK, are not confined to a network namespace. */
const FAMILIES = [1, 2, 10, 16];

type Instruction = readonly [code: number, ifTrue: number, ifFalse: number, k: number];

/** Returns `action` if the comparison of the accumulator with `k` is true; continues otherwise. */
const returnIf = (jump: number, k: number, action: number): readonly Instruction[] => [
  [jump, 0, 1, k],
  [RETURN, 0, 0, action],
];

/** Instructions that run only if the accumulator holds the number of this system call. */
const forCall = (call: number, body: readonly Instruction[]): readonly Instruction[] => [
  [JUMP_EQUAL, 0, body.length, call],
  ...body,
];

/**
 * The system call filter of a sandbox, in the format of `bwrap --seccomp`.
 * @returns undefined on an architecture that is not supported.
 */
function seccompFilter(architecture: NodeJS.Architecture = process.arch): Buffer | undefined {
  const calls = SYSTEM_CALLS[architecture];
  if (calls === undefined || endianness() !== 'LE') return undefined;
  const newUserNamespace: readonly Instruction[] = [
    [LOAD, 0, 0, argument(0)],
    ...returnIf(JUMP_ANY_BIT, CLONE_NEWUSER, EPERM),
    [RETURN, 0, 0, ALLOW],
  ];
  const program: readonly Instruction[] = [
    [LOAD, 0, 0, ARCHITECTURE],
    // 32-bit programs use other numbers and would bypass the filter.
    [JUMP_EQUAL, 1, 0, calls.architecture],
    [RETURN, 0, 0, ENOSYS],
    [LOAD, 0, 0, NUMBER],
    ...(architecture === 'x64' ? returnIf(JUMP_GREATER_OR_EQUAL, X32, ENOSYS) : []),
    ...calls.refused.flatMap((call) => returnIf(JUMP_EQUAL, call, EPERM)),
    // Its flags are behind a pointer, which a filter cannot read. Libraries fall back to clone.
    ...returnIf(JUMP_EQUAL, calls.clone3, ENOSYS),
    ...forCall(calls.clone, newUserNamespace),
    ...forCall(calls.unshare, newUserNamespace),
    ...forCall(calls.ioctl, [
      [LOAD, 0, 0, argument(1)],
      ...TERMINAL_INPUT.flatMap((request) => returnIf(JUMP_EQUAL, request, EPERM)),
      [RETURN, 0, 0, ALLOW],
    ]),
    ...forCall(calls.socket, [
      [LOAD, 0, 0, argument(0)],
      ...FAMILIES.flatMap((family) => returnIf(JUMP_EQUAL, family, ALLOW)),
      [RETURN, 0, 0, EAFNOSUPPORT],
    ]),
    [RETURN, 0, 0, ALLOW],
  ];
  const bytes = Buffer.alloc(program.length * 8);
  program.forEach(([code, ifTrue, ifFalse, k], index) => {
    bytes.writeUInt16LE(code, index * 8);
    bytes.writeUInt8(ifTrue, index * 8 + 2);
    bytes.writeUInt8(ifFalse, index * 8 + 3);
    bytes.writeUInt32LE(k >>> 0, index * 8 + 4);
  });
  return bytes;
}

/** Calls `work` with a descriptor of the filter. The file at `scratch` is removed before that. */
export function withSeccompFilter<T>(scratch: string, work: (fd: number) => T): T {
  const filter = seccompFilter();
  if (filter === undefined)
    throw new Error(`no system call filter supports the architecture ${process.arch}`);
  writeFileSync(scratch, filter, { mode: 0o600 });
  const fd = openSync(scratch, 'r');
  unlinkSync(scratch);
  try {
    return work(fd);
  } finally {
    closeSync(fd);
  }
}
