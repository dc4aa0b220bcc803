import { readdirSync, type Stats, statSync } from 'node:fs';

/**
 * Files of /proc that are shown besides the processes: they describe the machine's resources and its
 * kernel. All others are covered. They describe other programs or the kernel's memory, or can be written
 * by root's user id (`mtrr`, `irq`), which a container has if root runs the engine.
 */
const SHOWN: ReadonlySet<string> = new Set([
  ...['buddyinfo', 'cgroups', 'consoles', 'cpuinfo', 'crypto', 'devices', 'diskstats', 'dma'],
  ...['execdomains', 'filesystems', 'interrupts', 'iomem', 'ioports', 'loadavg', 'locks'],
  ...['meminfo', 'misc', 'partitions', 'softirqs', 'stat', 'swaps', 'sysvipc'],
  ...['tty', 'uptime', 'version', 'vmstat', 'zoneinfo'],
  // Links into the reading process's own directory.
  ...['mounts', 'net', 'self', 'thread-self'],
]);

/** Files and directories of /proc that a container must not see. */
export function hiddenInProc(): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => name !== 'sys' && !SHOWN.has(name) && !/^\d+$/.test(name))
    .map((name) => `/proc/${name}`);
}

/** Bubblewrap's options for a /proc with read-only kernel settings and covered files. */
export function coveredProc(): readonly string[] {
  const covers = hiddenInProc().flatMap(coverOf);
  return ['--proc', '/proc', '--ro-bind', '/proc/sys', '/proc/sys', ...covers];
}

function coverOf(path: string): readonly string[] {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined || isClosed(stat)) return [];
  if (stat.isDirectory()) return ['--tmpfs', path, '--remount-ro', path];
  return ['--ro-bind', '/dev/null', path];
}

/** Whether the file's mode already keeps out the user who runs the engine. */
function isClosed({ uid, mode }: Stats): boolean {
  return uid === 0 && process.getuid?.() !== 0 && (mode & 0o077) === 0;
}
