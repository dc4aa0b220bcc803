// Attacks of a hostile agent on its sandbox: `node attack.mjs TARGETS RESULT`. It writes to RESULT, as
// JSON, which attacks succeeded. It opens things and changes nothing, so it can also run outside of a
// sandbox, where the attacks must succeed: otherwise the test would prove nothing.
import { spawnSync } from 'node:child_process';
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer } from 'node:net';
import { arch } from 'node:os';
import { join } from 'node:path';

const [, , targetsFile, resultFile] = process.argv;
const targets = JSON.parse(readFileSync(targetsFile, 'utf8'));

const succeeds = (work) => {
  try {
    return work() !== false;
  } catch {
    return false;
  }
};
const opens = (path, mode) => succeeds(() => closeSync(openSync(path, mode)));
const reads = (path) =>
  succeeds(() => {
    const fd = openSync(path, 'r');
    try {
      return readSync(fd, Buffer.alloc(1)) > 0;
    } finally {
      closeSync(fd);
    }
  });
const runs = (...command) =>
  spawnSync(command[0], command.slice(1), { timeout: 5000 }).status === 0;

/** All files below a directory; links are not followed. */
function* files(directory) {
  let names = [];
  try {
    names = readdirSync(directory);
  } catch {}
  for (const name of names) {
    const path = join(directory, name);
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat?.isDirectory()) yield* files(path);
    else if (stat?.isFile()) yield path;
  }
}

function answers(options) {
  return new Promise((resolve) => {
    const socket = connect({ ...options, timeout: 3000 });
    const end = (reached) => () => {
      socket.destroy();
      resolve(reached);
    };
    socket.once('connect', end(true)).once('error', end(false)).once('timeout', end(false));
  });
}

/** Makes a system call with perl, which Debian always has. @returns whether it succeeded. */
const CALLS = {
  x64: {
    keyctl: 250,
    add_key: 248,
    userfaultfd: 323,
    bpf: 321,
    perf_event_open: 298,
    io_uring_setup: 425,
    mount: 165,
    unshare: 272,
    setns: 308,
    socket: 41,
    syslog: 103,
    ptrace: 101,
    fsopen: 430,
    clone: 56,
  },
  arm64: {
    keyctl: 219,
    add_key: 217,
    userfaultfd: 282,
    bpf: 280,
    perf_event_open: 241,
    io_uring_setup: 425,
    mount: 40,
    unshare: 97,
    setns: 268,
    socket: 198,
    syslog: 116,
    ptrace: 117,
    fsopen: 430,
    clone: 220,
  },
}[arch()];
const calls = (name, ...args) =>
  runs('perl', '-e', `exit(syscall(${[CALLS[name], ...args].join(', ')}) < 0 ? 1 : 0)`);

const everyProcess = () => readdirSync('/proc').filter((name) => /^\d+$/.test(name));
const tcp = (host) => answers({ host, port: targets.port });

const attacks = {
  // Kernel settings, and files of /proc that root's user id can open.
  'core_pattern can be written': () => opens('/proc/sys/kernel/core_pattern', 'r+'),
  'a kernel setting can be written': () =>
    [...files('/proc/sys')].some((path) => opens(path, 'r+')),
  'sysrq-trigger can be written': () => opens('/proc/sysrq-trigger', 'r+'),
  'a file of /proc beside the processes can be written': () =>
    readdirSync('/proc')
      .filter((name) => !/^(\d+|self|thread-self|net|mounts|sys)$/.test(name))
      .flatMap((name) => [`/proc/${name}`, ...files(`/proc/${name}`)])
      .filter((path) => lstatSync(path).isFile())
      .some((path) => opens(path, 'r+')),
  'memory of the kernel can be read': () =>
    ['kcore', 'vmallocinfo', 'kallsyms', 'config.gz', 'timer_list'].some((name) =>
      reads(`/proc/${name}`),
    ),
  'keys of the kernel can be read': () => reads('/proc/keys'),
  '/sys is there': () => existsSync('/sys/kernel'),

  // Files of the machine and its users.
  '/etc/shadow can be read': () => opens('/etc/shadow', 'r'),
  '/etc/shadow can be read through a link': () => {
    const link = `${targets.own}/link`;
    symlinkSync('/etc/shadow', link);
    try {
      return opens(link, 'r');
    } finally {
      unlinkSync(link);
    }
  },
  "/etc/shadow can be read through another process's root": () =>
    everyProcess().some((pid) => opens(`/proc/${pid}/root/etc/shadow`, 'r')),
  'the host keys of ssh can be read': () => opens(targets.sshKey, 'r'),
  "a user's file can be read": () => opens(targets.secret, 'r'),
  "another user's home is there": () =>
    ['/root', '/home'].some((path) =>
      succeeds(() => readdirSync(path).some((name) => name !== 'agent')),
    ),
  'users of the machine are known': () => readFileSync('/etc/passwd', 'utf8').includes('daemon'),
  "the machine's own directories are there": () =>
    ['/boot', '/srv', '/opt', '/mnt', '/var/lib/dpkg', '/run/lock'].some(existsSync),
  'a file of the system can be written': () =>
    ['/usr/bin', '/usr/lib', '/usr/local', '/etc', '/', process.execPath].some((path) =>
      succeeds(() => accessSync(path, constants.W_OK)),
    ),
  'a secret of the open files can be read': () =>
    readdirSync('/proc/self/fd').some((fd) =>
      succeeds(() => readlinkSync(`/proc/self/fd/${fd}`).endsWith('.filter')),
    ),
  // It could remove what is in the log, or be the one who reads it.
  'its log can be opened': () =>
    ['1', '2'].some((fd) => ['r', 'r+'].some((mode) => opens(`/proc/self/fd/${fd}`, mode))),

  // Other processes.
  'other processes are seen': () =>
    existsSync(`/proc/${targets.pid}/cmdline`) &&
    readFileSync(`/proc/${targets.pid}/cmdline`, 'utf8').includes('other-process'),
  'the environment of another process can be read': () =>
    everyProcess().some((pid) =>
      succeeds(() => readFileSync(`/proc/${pid}/environ`, 'utf8').includes('OF_ANOTHER_PROCESS=1')),
    ),
  'another process can be signalled': () =>
    everyProcess().includes(String(targets.pid)) && succeeds(() => process.kill(targets.pid, 0)),
  'another process can be traced': () =>
    everyProcess().includes(String(targets.pid)) && calls('ptrace', 0x4206, targets.pid, 0, 0),

  // Services of the machine.
  'localhost answers over IPv4': () => tcp('127.0.0.1'),
  'localhost answers over IPv6': () => tcp('::1'),
  "the machine's addresses answer": async () =>
    (await Promise.all(targets.addresses.map(tcp))).includes(true),
  'an abstract socket of the machine answers': () => answers({ path: `\0${targets.abstract}` }),
  'a socket in a directory of the machine answers': () => answers({ path: targets.socket }),
  'a service of the usual sockets is there': () =>
    [
      '/run/docker.sock',
      '/var/run/docker.sock',
      '/run/dbus/system_bus_socket',
      '/tmp/.X11-unix',
      '/run/user',
      '/run/containerd',
      '/run/systemd',
    ].some(existsSync),
  'a virtual machine socket can be made': () => calls('socket', 40, 1, 0),
  'an address outside is reached without the gateway': () =>
    answers({ host: targets.outside, port: 80 }),

  // More rights.
  'it is root': () => process.getuid() === 0,
  'it becomes root': () => succeeds(() => process.setuid(0)),
  'it has capabilities': () =>
    !/^CapEff:\t0+$/m.test(readFileSync('/proc/self/status', 'utf8')) ||
    !/^CapBnd:\t0+$/m.test(readFileSync('/proc/self/status', 'utf8')),
  'setuid programs work': () =>
    !/^NoNewPrivs:\t1$/m.test(readFileSync('/proc/self/status', 'utf8')),
  'it makes a user namespace with unshare': () => calls('unshare', 0x10000000),
  'it makes a user namespace with clone': () => calls('clone', 0x10000000 | 17, 0, 0, 0, 0),
  'it makes a mount namespace': () => calls('unshare', 0x20000),
  'it mounts': () => {
    const mounted = runs('mount', '-t', 'tmpfs', 'none', targets.own);
    if (mounted) runs('umount', targets.own);
    return mounted;
  },
  'it starts to make a file system': () => calls('fsopen', 'my $type = "tmpfs"', 0),
  'it reads a keyring': () => calls('keyctl', 0, -4, 1),
  'it adds a key': () =>
    calls('add_key', 'my $type = "user"', 'my $name = "agentteam-test"', 'my $key = "x"', 1, -1),
  'it handles page faults of the kernel': () => calls('userfaultfd', 0),
  'it uses io_uring': () => calls('io_uring_setup', 1, 'my $parameters = "\\0" x 120'),
  "it reads the kernel's log": () => calls('syslog', 3, 'my $text = " " x 64', 64),
  'it makes a device': () => {
    const made = runs('mknod', `${targets.own}/disk`, 'b', '8', '0');
    if (made) unlinkSync(`${targets.own}/disk`);
    return made;
  },
  'it types into a terminal': () =>
    ['/dev/tty', '/dev/ptmx'].some((terminal) =>
      runs(
        'perl',
        '-e',
        `my $key = "x"; open(T, "+<", "${terminal}") or exit 1; exit(ioctl(T, 0x5412, $key) ? 0 : 1)`,
      ),
    ),
};

/** What must work in a sandbox: for example, an agent's tests start servers. */
async function serves(host) {
  const server = createServer((socket) => socket.end());
  await new Promise((resolve) => server.once('error', resolve).listen(0, host, resolve));
  const reached = await answers({
    host: 'localhost',
    port: server.address()?.port,
    family: host === '::1' ? 6 : 4,
  });
  server.close();
  return reached;
}

const achieved = [];
for (const [name, attack] of Object.entries(attacks)) if (await attack()) achieved.push(name);
const works = {
  'its own server on 127.0.0.1': await serves('127.0.0.1'),
  'its own server on ::1': await serves('::1'),
  'the time zone and authorities': existsSync('/etc/ssl/certs') === targets.authorities,
  'a shell with its name': spawnSync('sh', ['-c', 'id -un'], { encoding: 'utf8' }).stdout.trim(),
  'the count of processors': succeeds(() =>
    readFileSync('/proc/cpuinfo', 'utf8').includes('processor'),
  ),
  pids: everyProcess().length,
};
writeFileSync(resultFile, JSON.stringify({ tried: Object.keys(attacks), achieved, works }));
