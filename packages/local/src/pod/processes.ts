import { readdirSync, readFileSync } from 'node:fs';

/** Programs between the engine and the one that a container runs: they pass no signal on. */
const WRAPPERS = ['sh', 'dash', 'bash', 'bwrap'];

/** Parent of each process of this machine. Empty where there is no /proc. */
function parents(): ReadonlyMap<number, number> {
  const found = new Map<number, number>();
  for (const pid of pids()) {
    const stat = readProc(pid, 'stat');
    // `pid (name) state ppid …`: a name may hold blanks and brackets.
    const parent = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[1];
    if (parent !== undefined) found.set(pid, Number(parent));
  }
  return found;
}

function pids(): readonly number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

function readProc(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return undefined;
  }
}

/** The processes and all that they started, as far as it still has its parent. */
function withDescendants(roots: readonly number[]): readonly number[] {
  const parentOf = parents();
  const found = new Set(roots);
  for (let size = -1; size !== found.size; ) {
    size = found.size;
    for (const [pid, parent] of parentOf) if (found.has(parent)) found.add(pid);
  }
  return [...found];
}

/**
 * Asks a container to end, as Kubernetes does: SIGTERM to its first process, behind the shell that
 * keeps its exit code and the sandbox around it. What that process started, it ends itself.
 */
export function terminate(supervisor: number): void {
  let pid = supervisor;
  const parentOf = parents();
  for (;;) {
    const name = readProc(pid, 'comm')?.trim();
    const child = [...parentOf].find(([, parent]) => parent === pid)?.[0];
    if (name === undefined || !WRAPPERS.includes(name) || child === undefined) break;
    pid = child;
  }
  kill(pid, 'SIGTERM');
}

/**
 * Kills whatever runs in a pod, at once: the given processes with their descendants, and every
 * process whose environment names the pod's directory, which finds what an engine that is gone has
 * left behind. A process id alone would not do: it may be somebody else's by now.
 */
export function killPod(podDirectory: string, supervisors: readonly number[] = []): void {
  const inPod = pids().filter(
    (pid) => pid !== process.pid && readProc(pid, 'environ')?.includes(`${podDirectory}/`) === true,
  );
  for (const pid of withDescendants([...inPod, ...supervisors])) kill(pid, 'SIGKILL');
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
