import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Container, UserContainer } from '@agentteam/argo';
import { ENV } from '@agentteam/contract';
import { bubblewrap } from '../sandbox/bubblewrap.ts';
import { type HostMount, linkRoot } from './mounts.ts';

/** What runs instead of an image's programs. */
export interface Programs {
  /** Command line that stands for a container's `command[0]`. */
  readonly commands: Readonly<Record<string, readonly string[]>>;
  /** Directories that hold these programs: visible in a sandbox, read-only. */
  readonly directories: readonly string[];
  /** Directories in front of the system's PATH. */
  readonly path: readonly string[];
}

export interface ContainerOptions {
  readonly podDirectory: string;
  readonly name: string;
  readonly container: Container | UserContainer;
  readonly mounts: readonly HostMount[];
  readonly programs: Programs;
  readonly sandboxed: boolean;
  readonly env: Readonly<Record<string, string>>;
}

export interface RunningContainer {
  readonly name: string;
  readonly pid: number;
  /** Its exit code; 137 when it was killed before it could leave one. */
  readonly ended: Promise<number>;
}

/**
 * Starts a container as processes of this machine. Its environment is what the Workflow declares
 * and what the engine adds, nothing of the user's. Its stdin stays open while the engine lives.
 */
export function startContainer(options: ContainerOptions): RunningContainer {
  const { podDirectory, name, container, mounts, programs, sandboxed, env } = options;
  const root = join(podDirectory, name);
  rmSync(root, { recursive: true, force: true });
  linkRoot(root, mounts);
  const argo = join(podDirectory, 'argo');
  mkdirSync(argo, { recursive: true });

  const [program = '', ...rest] = container.command ?? [];
  const resolved = programs.commands[program];
  if (resolved === undefined) throw new Error(`no program stands for ${program}`);
  const inner = [...resolved, ...rest, ...(container.args ?? [])];
  const command = sandboxed
    ? bubblewrap(inner, { root, mounts, programs: programs.directories, writable: [argo] })
    : inner;

  const exitFile = exitFileOf(podDirectory, name);
  rmSync(exitFile, { force: true });
  const log = openSync(join(podDirectory, `${name}.log`), 'a');
  // The shell outlives its command and writes down how it ended, also when nobody waits any more.
  const supervised = '"$@"; code=$?; echo $code > "$0.tmp" && mv "$0.tmp" "$0"; exit $code';
  const child = spawn('/bin/sh', ['-c', supervised, exitFile, ...command], {
    detached: true,
    stdio: ['pipe', log, log],
    cwd: root,
    env: {
      PATH: [...programs.path, '/usr/local/bin', '/usr/bin', '/bin'].join(delimiter),
      LANG: 'C.UTF-8',
      TMPDIR: join(root, 'tmp'),
      ...declared(container, root),
      [ENV.root]: root,
      [ENV.engine]: 'local',
      [ENV.progress]: progressFileOf(podDirectory),
      ...env,
    },
  });
  closeSync(log);
  return { name, pid: child.pid ?? 0, ended: exitOf(child, exitFile) };
}

function declared(container: Container | UserContainer, root: string): Record<string, string> {
  const entries = (container.env ?? []).map(({ name, value = '' }) => [
    name,
    name === 'HOME' ? join(root, value) : value,
  ]);
  return Object.fromEntries(entries) as Record<string, string>;
}

function exitOf(child: ChildProcess, exitFile: string): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    // A program that leaves without reading its input is no fault of the engine.
    child.stdin?.on('error', () => {});
    child.once('exit', (code) => resolve(readExit(exitFile) ?? code ?? 137));
  });
}

export function exitFileOf(podDirectory: string, container: string): string {
  return join(podDirectory, `${container}.exit`);
}

export function progressFileOf(podDirectory: string): string {
  return join(podDirectory, 'argo', 'progress');
}

/** The exit code that a container left, also while no engine ran; undefined when it left none. */
export function readExit(exitFile: string): number | undefined {
  return existsSync(exitFile) ? Number(readFileSync(exitFile, 'utf8')) : undefined;
}
