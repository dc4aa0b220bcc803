import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Something that a program can read. */
export interface Reachable {
  readonly place: string;
  readonly text: string;
}

interface RunningProcess {
  readonly pid: string;
  readonly parent: string;
  /** `AGENTTEAM_ROOT` that it was started with. */
  readonly root: string | undefined;
}

/** The containers of a run that have processes now, as the places that stand for their `/`. */
export function runningContainers(run: string): readonly string[] {
  const roots = new Set(processes().flatMap(({ root }) => root ?? []));
  return [...roots].filter((root) => root.startsWith(`${run}/`));
}

/** Environment and command line of every process in a container, and every file in its tree. */
export function reachableIn(root: string): readonly Reachable[] {
  const all = processes();
  const tree = all.filter((process) => process.root === root);
  // The list grows while it is read: an agent's own processes know nothing of their container.
  for (const { pid } of tree) {
    tree.push(...all.filter((process) => process.parent === pid && !tree.includes(process)));
  }
  const told = tree.flatMap(({ pid }) => [`/proc/${pid}/environ`, `/proc/${pid}/cmdline`]);
  return [...told, ...filesBelow(root)].map((place) => ({ place, text: read(place) }));
}

function processes(): readonly RunningProcess[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      const stat = read(`/proc/${pid}/stat`);
      // `pid (name) state ppid …`: a name may hold blanks and brackets.
      const [state, parent = ''] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      const root = /(?:^|\0)AGENTTEAM_ROOT=([^\0]*)/.exec(read(`/proc/${pid}/environ`))?.[1];
      return stat === '' || state === 'Z' ? [] : [{ pid, parent, root }];
    });
}

/** Files, symbolic links followed, each place once. What is replaced or removed meanwhile is left out. */
function filesBelow(path: string, seen: Set<string> = new Set()): readonly string[] {
  try {
    const place = realpathSync(path);
    if (seen.has(place)) return [];
    seen.add(place);
    const status = statSync(place);
    if (status.isFile()) return [place];
    if (!status.isDirectory()) return [];
    return readdirSync(place).flatMap((name) => filesBelow(join(place, name), seen));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** Nothing of a process that has ended meanwhile. */
function read(place: string): string {
  try {
    return readFileSync(place, 'latin1');
  } catch {
    return '';
  }
}
