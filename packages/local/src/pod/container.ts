import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Container, UserContainer } from '@agentteam/argo';
import { ENV, PATHS } from '@agentteam/contract';
import { removeTreesNow } from '@agentteam/volume';
import { OWN_FILE } from '../run-directory.ts';
import { bubblewrap, type HostMount, type SandboxedContainer } from '../sandbox/bubblewrap.ts';
import type { SandboxNetwork } from '../sandbox/network.ts';
import { withSeccompFilter } from '../sandbox/seccomp.ts';
import { linkRoot } from './mounts.ts';
import { identify, type ProcessIdentity } from './processes.ts';
import { RunningContainer } from './running-container.ts';
import { exitFileOf, removeExitCode, supervised } from './supervisor.ts';
import { toolPath } from './tool-path.ts';
import { writeLog } from './write-log.ts';

/** The programs of this machine that run instead of those of an image. */
export interface Programs {
  /** Command lines by the `command[0]` of a container. */
  readonly commands: Readonly<Record<string, readonly string[]>>;
  /** Files and directories of these programs; a sandbox shows them read-only. */
  readonly directories: readonly string[];
  /** Directories that come before the system's in PATH. */
  readonly path: readonly string[];
  /** The PATH of the user, whose tools agents use. Default: empty. */
  readonly userPath?: string;
}

export interface ContainerOptions {
  readonly podDirectory: string;
  readonly name: string;
  readonly container: Container | UserContainer;
  readonly mounts: readonly HostMount[];
  readonly programs: Programs;
  /** The network of its sandbox; undefined for a container without a sandbox. */
  readonly sandbox: SandboxNetwork | undefined;
  /** See {@link SandboxedContainer.enter}. */
  readonly enter?: readonly string[] | undefined;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Starts a container as processes of this machine. Its environment has the variables of the Workflow and
 * of the engine, and none of the user's. Its stdin stays open as long as the engine lives.
 */
export function startContainer(options: ContainerOptions): RunningContainer {
  const { podDirectory, name, container, mounts, programs, sandbox, enter, env } = options;
  const root = rootOf(podDirectory, name);
  removeTreesNow([root]);
  linkRoot(root, mounts);
  const argo = join(podDirectory, 'argo');
  mkdirSync(argo, { recursive: true });
  const terminationLog = join(root, PATHS.terminationLog);
  mkdirSync(dirname(terminationLog), { recursive: true });
  writeFileSync(terminationLog, '');
  const writable = [terminationLog];

  const [program = '', ...rest] = container.command ?? [];
  const resolved = programs.commands[program];
  if (resolved === undefined) throw new Error(`no program is given for the command ${program}`);
  const inner = [...resolved, ...rest, ...(container.args ?? [])];
  const command =
    sandbox === undefined
      ? inner
      : bubblewrap(inner, {
          root,
          mounts,
          programs: programs.directories,
          runs: [...inner, env[ENV.claude] ?? ''],
          writable,
          etc: join(podDirectory, `${name}.etc`),
          network: sandbox,
          enter,
        });

  const exitFile = exitFileOf(podDirectory, name);
  removeExitCode(exitFile);
  const log = openSync(join(podDirectory, `${name}.log`), 'a', OWN_FILE);
  const start = (output: number | 'pipe', ...descriptors: readonly number[]): ChildProcess =>
    spawn('/bin/sh', supervised(exitFile, command), {
      detached: true,
      // The supervisor sends both outputs to the first.
      stdio: ['pipe', output, 'ignore', ...descriptors],
      cwd: root,
      env: {
        PATH: toolPath(programs.path, programs.userPath ?? '', sandbox !== undefined),
        LANG: 'C.UTF-8',
        TMPDIR: join(root, 'tmp'),
        ...declaredVariables(container, root),
        [ENV.root]: root,
        [ENV.engine]: 'local',
        [ENV.progress]: progressFileOf(podDirectory),
        ...env,
      },
    });
  const child =
    sandbox === undefined
      ? start(log)
      : withSeccompFilter(join(podDirectory, `${name}.filter`), (filter) => start('pipe', filter));
  const logged = child.stdout === null ? undefined : writeLog(child.stdout, log);
  closeSync(log);
  const { pid } = child;
  const supervisor = pid === undefined ? undefined : identify(pid);
  if (supervisor !== undefined) recordSupervisor(podDirectory, name, supervisor);
  return new RunningContainer({ name, child, exitFile, supervisor, logged });
}

/** The directory that serves as a container's `/`. */
export function rootOf(podDirectory: string, container: string): string {
  return join(podDirectory, container);
}

function declaredVariables(
  container: Container | UserContainer,
  root: string,
): Record<string, string> {
  const entries = (container.env ?? []).map(({ name, value = '' }) => [
    name,
    name === 'HOME' ? join(root, value) : value,
  ]);
  return Object.fromEntries(entries) as Record<string, string>;
}

const PID_FILE = '.pid.json';

function pidFileOf(podDirectory: string, container: string): string {
  return join(podDirectory, `${container}${PID_FILE}`);
}

/** Records a container's first process for an engine that resumes the run. */
export function recordSupervisor(
  podDirectory: string,
  container: string,
  supervisor: ProcessIdentity,
): void {
  writeFileSync(pidFileOf(podDirectory, container), JSON.stringify(supervisor));
}

/** The supervisors that were started last in a pod. They may have ended since. */
export function recordedSupervisors(podDirectory: string): readonly ProcessIdentity[] {
  return readdirSync(podDirectory)
    .filter((name) => name.endsWith(PID_FILE))
    .flatMap((name) => {
      try {
        return [JSON.parse(readFileSync(join(podDirectory, name), 'utf8')) as ProcessIdentity];
      } catch {
        // The engine was killed while it wrote this file. The process is found by its environment.
        return [];
      }
    });
}

export function progressFileOf(podDirectory: string): string {
  return join(podDirectory, 'argo', 'progress');
}
