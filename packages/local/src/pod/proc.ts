import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** One process, as /proc tells it (proc(5)). */
export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  /** Ticks since boot. Together with the id it names one process for good: ids are given again. */
  readonly startedAt: string;
}

/** macOS has no /proc: there only a process group can be reached, and only while it is ours. */
export const HAS_PROC: boolean = existsSync('/proc/self/stat');

/** All processes that run. One that has ended and waits for its parent to look is not among them. */
export function processTable(): readonly ProcessEntry[] {
  if (!HAS_PROC) return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => entryOf(Number(name)) ?? []);
}

export function entryOf(pid: number): ProcessEntry | undefined {
  const stat = readProc(pid, 'stat');
  if (stat === undefined) return undefined;
  // `pid (name) state ppid pgrp …`: a name may hold blanks and brackets.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, parent, group] = fields;
  if (state === 'Z' || state === 'X') return undefined;
  return { pid, parent: Number(parent), group: Number(group), startedAt: fields[19] ?? '' };
}

export function nameOf(pid: number): string | undefined {
  return readProc(pid, 'comm')?.trim();
}

/** Its arguments, each with a zero byte behind it. */
export function commandOf(pid: number): string | undefined {
  return readProc(pid, 'cmdline');
}

/** The value that a process was started with; undefined where it has none, or is not ours to read. */
export function variableOf(pid: number, name: string): string | undefined {
  const prefix = `${name}=`;
  const entry = readProc(pid, 'environ')
    ?.split('\0')
    .find((candidate) => candidate.startsWith(prefix));
  return entry?.slice(prefix.length);
}

function readProc(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return undefined;
  }
}
