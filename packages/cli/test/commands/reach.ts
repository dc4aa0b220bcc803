import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** A file that a process can read. */
export interface Reachable {
  readonly path: string;
  readonly text: string;
}

interface RunningProcess {
  readonly pid: string;
  readonly parent: string;
  /** The variable `AGENTTEAM_ROOT` of the process. */
  readonly root: string | undefined;
}

/** The root directories of the containers of a run that have processes. */
export function runningContainers(run: string): readonly string[] {
  const roots = new Set(processes().flatMap(({ root }) => root ?? []));
  return [...roots].filter((root) => root.startsWith(`${run}/`));
}

/** The environment and command line of every process in a container, and every file below its root. */
export function reachableIn(root: string): readonly Reachable[] {
  const all = processes();
  const tree = all.filter((process) => process.root === root);
  // Add descendants, which may not have the variable. The loop also visits the added processes.
  for (const { pid } of tree) {
    tree.push(...all.filter((process) => process.parent === pid && !tree.includes(process)));
  }
  const ofProcesses = tree.flatMap(({ pid }) => [`/proc/${pid}/environ`, `/proc/${pid}/cmdline`]);
  return [...ofProcesses, ...filesBelow(root)].map((path) => ({ path, text: read(path) }));
}

function processes(): readonly RunningProcess[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      const stat = read(`/proc/${pid}/stat`);
      // `pid (name) state ppid …`: the name may contain spaces and parentheses.
      const [state, parent = ''] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      const root = /(?:^|\0)AGENTTEAM_ROOT=([^\0]*)/.exec(read(`/proc/${pid}/environ`))?.[1];
      return stat === '' || state === 'Z' ? [] : [{ pid, parent, root }];
    });
}

/** The files below a path, following links, each file once. Files that are removed meanwhile are ignored. */
function filesBelow(path: string, seen: Set<string> = new Set()): readonly string[] {
  try {
    const real = realpathSync(path);
    if (seen.has(real)) return [];
    seen.add(real);
    const status = statSync(real);
    if (status.isFile()) return [real];
    if (!status.isDirectory()) return [];
    return readdirSync(real).flatMap((name) => filesBelow(join(real, name), seen));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** Reads a file; empty if the process has ended meanwhile. */
function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
