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

/** Identifies a process even if its id is reused. */
export type ProcessIdentity = Pick<ProcessEntry, 'pid' | 'startedAt'>;

/** @returns undefined when the process is gone, and on a system without /proc. */
export function identify(pid: number): ProcessIdentity | undefined {
  const entry = entryOf(pid);
  return entry && { pid, startedAt: entry.startedAt };
}

/** A sandbox runs two bubblewrap processes above the program, which do not forward signals. */
const BUBBLEWRAP = 'bwrap';

/**
 * Sends SIGTERM to a container's program, as Kubernetes does. The program is a descendant of the
 * supervisor shell and of the sandbox. A supervisor that has just started has no program yet and forwards
 * no signal, so this waits for the program.
 */
export async function terminate(supervisor: number, signal: AbortSignal): Promise<void> {
  if (!HAS_PROC) {
    kill(-supervisor, 'SIGTERM');
    return;
  }
  while (!signal.aborted && entryOf(supervisor) !== undefined) {
    const program = programOf(supervisor);
    if (program !== undefined) {
      kill(program, 'SIGTERM');
      return;
    }
    await delay(PAUSE_MS);
  }
}

/** @returns undefined while there is none: the shell has forked, and its child has not called exec yet. */
function programOf(supervisor: number): number | undefined {
  const table = processTable();
  const childOf = (pid: number): number | undefined =>
    table.find(({ parent }) => parent === pid)?.pid;
  let pid = childOf(supervisor);
  if (pid !== undefined && commandOf(pid) === commandOf(supervisor)) return undefined;
  while (pid !== undefined && nameOf(pid) === BUBBLEWRAP) pid = childOf(pid);
  return pid;
}

export interface KillTargets {
  /** Absolute directories: processes whose `AGENTTEAM_ROOT` or `HOME` is there or below are killed. */
  readonly directories: readonly string[];
  /** Processes that are killed if they still exist. */
  readonly supervisors: readonly ProcessIdentity[];
}

/** How long the system may take to end a killed process. */
const KILL_TIMEOUT_MS = 10_000;
const PAUSE_MS = 5;

/**
 * Kills the given processes, those in their groups, and all their descendants; resolves when they are
 * gone. All are stopped before the first is killed: otherwise a parent would see its child die and
 * report a failure instead of an interruption.
 * @throws Error naming processes that did not end.
 */
export async function killAll(targets: KillTargets): Promise<void> {
  const until = Date.now() + KILL_TIMEOUT_MS;
  for (;;) {
    const found = find(targets);
    if (found.length === 0) return;
    for (const signal of ['SIGSTOP', 'SIGKILL'] as const) {
      for (const pid of found) kill(pid, signal);
    }
    if (Date.now() > until) throw new Error(`these processes do not end: ${found.join(', ')}`);
    await delay(PAUSE_MS);
  }
}

function find({ directories, supervisors }: KillTargets): readonly number[] {
  const table = processTable();
  const known = new Map(supervisors.map(({ pid, startedAt }) => [pid, startedAt]));
  const inPod = ({ pid }: ProcessEntry): boolean =>
    placesOf(pid).some((place) =>
      directories.some((path) => place === path || place.startsWith(`${path}/`)),
    );
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

/**
 * Directories that show to which pod a process belongs. `claude` has an environment without `AGENTTEAM_ROOT`,
 * and is not a descendant of its supervisor any more once the runner between them was killed; but its HOME is
 * in its pod, and so is that of the tools it starts.
 */
function placesOf(pid: number): readonly string[] {
  return [ENV.root, 'HOME'].flatMap((name) => variableOf(pid, name) ?? []);
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Kills the process group of a running supervisor. Without /proc, nothing else can be found. */
export function killGroup(supervisor: number): void {
  kill(-supervisor, 'SIGKILL');
}
