import { closeSync, openSync, unlinkSync, writeFileSync } from 'node:fs';
import { endianness } from 'node:os';

/** System calls by number, as the two architectures that Claude Code runs on number them. */
interface SystemCalls {
  /** `AUDIT_ARCH_*` of linux/audit.h. */
  readonly architecture: number;
  readonly clone: number;
  readonly clone3: number;
  readonly ioctl: number;
  readonly socket: number;
  readonly unshare: number;
  /** Refused whatever their arguments are. */
  readonly refused: readonly number[];
}

/** io_uring and the mount calls that came after the architectures agreed on numbers. */
const COMMON = [425, 426, 427, 428, 429, 430, 431, 432, 433, 442];

/**
 * What no program of an agent needs, and what reaches into the kernel beyond the sandbox's namespaces:
 * keyrings, kernel modules, tracing of the kernel, mounts, file handles, other namespaces.
 * In this order: keyctl, add_key, request_key, userfaultfd, bpf, perf_event_open, mount, umount2,
 * pivot_root, setns, kexec_load, kexec_file_load, init_module, finit_module, delete_module,
 * open_by_handle_at, quotactl, swapon, swapoff, reboot, acct, syslog.
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
      // iopl and ioperm exist on this architecture alone.
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

/** Instructions of classic BPF (linux/bpf_common.h), and where `struct seccomp_data` has what. */
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

/** Numbers of x86-64's x32 variant have this bit: the same calls under other numbers. */
const X32 = 0x40000000;
const CLONE_NEWUSER = 0x10000000;
/** Type into the terminal that the sandbox was started from. */
const TERMINAL_INPUT = [0x5412 /* TIOCSTI */, 0x541c /* TIOCLINUX */];
/** AF_UNIX, AF_INET, AF_INET6, AF_NETLINK. Others (AF_VSOCK, say) have no network namespace. */
const FAMILIES = [1, 2, 10, 16];

type Instruction = readonly [code: number, ifTrue: number, ifFalse: number, k: number];

/** Continues with the next instruction unless the accumulator equals `k`; then returns `verdict`. */
const returnIf = (jump: number, k: number, verdict: number): readonly Instruction[] => [
  [jump, 0, 1, k],
  [RETURN, 0, 0, verdict],
];

/** Instructions that run for one system call alone, whose number the accumulator has. */
const forCall = (call: number, body: readonly Instruction[]): readonly Instruction[] => [
  [JUMP_EQUAL, 0, body.length, call],
  ...body,
];

/**
 * The filter of system calls for a sandbox, as `bwrap --seccomp` reads it.
 * @returns undefined on an architecture whose numbers are not known here.
 */
export function seccompFilter(
  architecture: NodeJS.Architecture = process.arch,
): Buffer | undefined {
  const calls = SYSTEM_CALLS[architecture];
  if (calls === undefined || endianness() !== 'LE') return undefined;
  const newUserNamespace: readonly Instruction[] = [
    [LOAD, 0, 0, argument(0)],
    ...returnIf(JUMP_ANY_BIT, CLONE_NEWUSER, EPERM),
    [RETURN, 0, 0, ALLOW],
  ];
  const program: readonly Instruction[] = [
    [LOAD, 0, 0, ARCHITECTURE],
    // 32-bit programs number their calls differently and would get past the filter.
    [JUMP_EQUAL, 1, 0, calls.architecture],
    [RETURN, 0, 0, ENOSYS],
    [LOAD, 0, 0, NUMBER],
    ...(architecture === 'x64' ? returnIf(JUMP_GREATER_OR_EQUAL, X32, ENOSYS) : []),
    ...calls.refused.flatMap((call) => returnIf(JUMP_EQUAL, call, EPERM)),
    // Its flags are behind a pointer, which a filter cannot follow; libraries then use clone.
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

/** Runs `work` with a descriptor of the filter: the file itself is gone before anything starts. */
export function withSeccompFilter<T>(scratch: string, work: (fd: number) => T): T {
  const filter = seccompFilter();
  if (filter === undefined) throw new Error(`there is no system call filter for ${process.arch}`);
  writeFileSync(scratch, filter, { mode: 0o600 });
  const fd = openSync(scratch, 'r');
  unlinkSync(scratch);
  try {
    return work(fd);
  } finally {
    closeSync(fd);
  }
}
