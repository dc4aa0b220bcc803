import { readdirSync, statSync } from 'node:fs';

/**
 * Files of /proc that programs ask for how much of a machine there is and what its kernel can do.
 * Everything else beside the processes is covered: it tells of other programs on the machine, or, as
 * `mtrr` and `irq` do, takes orders from root's user id, which an agent of root has outside of its
 * user namespace.
 */
const SHOWN: ReadonlySet<string> = new Set([
  ...['cgroups', 'cpuinfo', 'devices', 'diskstats', 'filesystems', 'loadavg', 'meminfo'],
  ...['partitions', 'stat', 'swaps', 'uptime', 'version', 'vmstat'],
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
  if (stat === undefined) return [];
  if (stat.isDirectory()) return ['--tmpfs', path, '--remount-ro', path];
  return ['--ro-bind', '/dev/null', path];
}
