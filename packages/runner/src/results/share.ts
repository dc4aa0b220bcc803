import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { PATHS } from '@agentteam/contract';
import { exists } from '../step/exists.ts';
import { mounted } from '../step/mounted.ts';

/** Programs that read in one gateway's container at a time, for as many people. */
export const MOST_READERS: number = 4;
/** Memory that a reader of a large team may take. */
const NEEDED_BYTES = 201_326_592; // 192 Mi
const CGROUP = '/sys/fs/cgroup';

/**
 * Decides whether a person's program may read the team's volume in the container of a gateway, which must not
 * suffer from it.
 * @param root the value of `AGENTTEAM_ROOT`.
 * @param cgroup directory of the container's control group (version 2).
 * @returns why not, as a sentence without a full stop.
 */
export async function refusalToShare(
  root: string,
  cgroup: string = CGROUP,
): Promise<string | undefined> {
  if (!(await exists(await mounted(root, PATHS.volume)))) {
    return 'the pods of this team do not mount its whole volume, because an earlier release has started it';
  }
  const readers = await countReaders();
  if (readers > MOST_READERS) {
    return `${MOST_READERS} others are reading the files of this team through the same pod; try again in a minute`;
  }
  const free = await freeMemory(cgroup);
  if (free === undefined || free >= NEEDED_BYTES) return undefined;
  const mebibytes = (bytes: number): string => `${Math.floor(bytes / 1_048_576)} MiB`;
  return `a gateway of this team has ${mebibytes(free)} of memory left, and reading takes up to ${mebibytes(NEEDED_BYTES)}; an administrator can raise stepResources`;
}

/** How many processes of this container read for a person, this one included. */
async function countReaders(): Promise<number> {
  const own = await readlink('/proc/self/ns/pid').catch(() => undefined);
  if (own === undefined) return 1;
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    ids.map(async (id) => {
      try {
        const words = (await readFile(join('/proc', id, 'cmdline'), 'utf8')).split('\0');
        const isReader = words.includes('results') && words.includes('share');
        // On a machine without pods, other processes are not in this container.
        return isReader && (await readlink(join('/proc', id, 'ns/pid'))) === own;
      } catch {
        return false;
      }
    }),
  );
  return found.filter(Boolean).length;
}

/** Bytes that the container may still use; undefined without a limit. The kernel can reclaim cached files. */
async function freeMemory(cgroup: string): Promise<number | undefined> {
  try {
    const [most, used, stat] = await Promise.all(
      ['memory.max', 'memory.current', 'memory.stat'].map((name) =>
        readFile(join(cgroup, name), 'utf8'),
      ),
    );
    const cached = Number(/^inactive_file (\d+)$/m.exec(stat ?? '')?.[1] ?? 0);
    const free = Number(most) - Number(used) + cached;
    return Number.isFinite(free) ? free : undefined;
  } catch {
    return undefined;
  }
}
