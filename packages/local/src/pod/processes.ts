import { setTimeout as delay } from 'node:timers/promises';
import { ENV } from '@agentteam/contract';
import {
  commandOf,
  entryOf,
  HAS_PROC,
  nameOf,
  type ProcessEntry,
  processTable,
  variableOf,
} from './proc.ts';

/** A process that no later one with the same id can be taken for. */
export type ProcessIdentity = Pick<ProcessEntry, 'pid' | 'startedAt'>;

/** Undefined where the process is gone, or the system does not tell. */
export function identify(pid: number): ProcessIdentity | undefined {
  const entry = entryOf(pid);
  return entry && { pid, startedAt: entry.startedAt };
}

/** A sandbox is two processes around the program, and passes no signal on. */
const SANDBOX = 'bwrap';

/**
 * Asks a container to end, as Kubernetes does: SIGTERM to its first process, behind the shell that
 * keeps its exit code and the sandbox around it. What that process started, it ends itself. A shell
 * that has only just begun has no such process yet, and hands no signal on: this waits for it.
 */
export async function terminate(supervisor: number, signal: AbortSignal): Promise<void> {
  if (!HAS_PROC) {
    kill(-supervisor, 'SIGTERM');
    return;
  }
  while (!signal.aborted && entryOf(supervisor) !== undefined) {
    const program = programBehind(supervisor);
    if (program !== undefined) {
      kill(program, 'SIGTERM');
      return;
    }
    await delay(PAUSE_MS);
  }
}

/** Undefined while there is none: a copy of the shell that has not become the program yet is not it. */
function programBehind(supervisor: number): number | undefined {
  const table = processTable();
  const childOf = (pid: number): number | undefined =>
    table.find(({ parent }) => parent === pid)?.pid;
  let pid = childOf(supervisor);
  if (pid !== undefined && commandOf(pid) === commandOf(supervisor)) return undefined;
  while (pid !== undefined && nameOf(pid) === SANDBOX) pid = childOf(pid);
  return pid;
}

/** What to end: whatever was started in these directories, and these processes where they still are. */
export interface Leftovers {
  /** Directories of pods or of their containers, absolute: `AGENTTEAM_ROOT` lies there or below. */
  readonly directories: readonly string[];
  readonly supervisors: readonly ProcessIdentity[];
}

/** How long the system may take to end a process that was killed. */
const PATIENCE_MS = 10_000;
const PAUSE_MS = 5;

/**
 * Kills processes with all that they started, and resolves when they are gone. Found by what cannot
 * be somebody else's: id and start time together, the group that such a process leads, or the
 * environment a process was started with. All are stopped before the first is killed: a parent that
 * saw its child die would tell of a failure where there was an interruption.
 * @throws Error naming processes that did not go.
 */
export async function killAll(leftovers: Leftovers): Promise<void> {
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    const found = find(leftovers);
    if (found.length === 0) return;
    for (const signal of ['SIGSTOP', 'SIGKILL'] as const) {
      for (const pid of found) kill(pid, signal);
    }
    if (Date.now() > until) throw new Error(`processes that do not end: ${found.join(', ')}`);
    await delay(PAUSE_MS);
  }
}

function find({ directories, supervisors }: Leftovers): readonly number[] {
  const table = processTable();
  const known = new Map(supervisors.map(({ pid, startedAt }) => [pid, startedAt]));
  const inPod = ({ pid }: ProcessEntry): boolean => {
    const root = variableOf(pid, ENV.root);
    return directories.some((path) => root === path || root?.startsWith(`${path}/`) === true);
  };
  const found = new Set(
    table
      .filter((entry) => known.get(entry.pid) === entry.startedAt || inPod(entry))
      .map(({ pid }) => pid),
  );
  for (let size = -1; size !== found.size; ) {
    size = found.size;
    for (const { pid, parent, group } of table) {
      if (found.has(parent) || found.has(group)) found.add(pid);
    }
  }
  found.delete(process.pid);
  return [...found];
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Kills the group that a running supervisor of ours leads: all that can be done without /proc. */
export function killGroup(supervisor: number): void {
  kill(-supervisor, 'SIGKILL');
}
