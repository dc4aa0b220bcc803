import { readdirSync, type Stats, statSync } from 'node:fs';

/**
 * What of /proc is shown beside the processes: how much of a machine there is, and what its kernel can
 * do. Everything else is covered: it tells of other programs and of the kernel's memory, or, as `mtrr`
 * and `irq` do, takes orders from root's user id, which an agent of root's has outside of its user
 * namespace.
 */
const SHOWN: ReadonlySet<string> = new Set([
  ...['buddyinfo', 'cgroups', 'consoles', 'cpuinfo', 'crypto', 'devices', 'diskstats', 'dma'],
  ...['execdomains', 'filesystems', 'interrupts', 'iomem', 'ioports', 'loadavg', 'locks'],
  ...['meminfo', 'misc', 'partitions', 'softirqs', 'stat', 'swaps', 'sysvipc'],
  ...['tty', 'uptime', 'version', 'vmstat', 'zoneinfo'],
  // Links into the reading process's own directory.
  ...['mounts', 'net', 'self', 'thread-self'],
]);

/** What makes a fresh /proc harmless: kernel settings are read-only, and the rest is covered. */
export function coveredProc(): readonly string[] {
  const covers = readdirSync('/proc')
    .filter((name) => name !== 'sys' && !SHOWN.has(name) && !/^\d+$/.test(name))
    .flatMap((name) => coverOf(`/proc/${name}`));
  return ['--proc', '/proc', '--ro-bind', '/proc/sys', '/proc/sys', ...covers];
}

function coverOf(path: string): readonly string[] {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined || isClosed(stat)) return [];
  if (stat.isDirectory()) return ['--tmpfs', path, '--remount-ro', path];
  return ['--ro-bind', '/dev/null', path];
}

/** Whether the file's own mode keeps everybody out but root, which this is not. */
function isClosed({ uid, mode }: Stats): boolean {
  return uid === 0 && process.getuid?.() !== 0 && (mode & 0o077) === 0;
}
