import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** A process, as /proc describes it (proc(5)). */
export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  /** In ticks since boot. Ids are reused; the id and the start time together identify a process. */
  readonly startedAt: string;
  /** Whether Ctrl-Z or a signal has suspended it. */
  readonly isSuspended: boolean;
  /** The process group to which its terminal belongs; -1 without a terminal that controls jobs. */
  readonly terminalGroup: number;
}

/** macOS has no /proc. There, only process groups whose leader the engine has started can be ended. */
export const HAS_PROC: boolean = existsSync('/proc/self/stat');

/** All running processes, without zombies. */
export function processTable(): readonly ProcessEntry[] {
  if (!HAS_PROC) return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => entryOf(Number(name)) ?? []);
}

/** @returns undefined for a process that does not run, and on macOS. */
export function entryOf(pid: number): ProcessEntry | undefined {
  const stat = readProc(pid, 'stat');
  if (stat === undefined) return undefined;
  // `pid (name) state ppid pgrp …`: the name may contain spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, parent, group, , , terminalGroup] = fields;
  if (state === 'Z' || state === 'X') return undefined;
  return {
    pid,
    parent: Number(parent),
    group: Number(group),
    startedAt: fields[19] ?? '',
    isSuspended: state === 'T',
    terminalGroup: Number(terminalGroup),
  };
}

export function nameOf(pid: number): string | undefined {
  return readProc(pid, 'comm')?.trim();
}

/** Its arguments, each followed by a zero byte. */
export function commandOf(pid: number): string | undefined {
  return readProc(pid, 'cmdline');
}

/** An environment variable of a process at its start; undefined where it has none or is not readable. */
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
