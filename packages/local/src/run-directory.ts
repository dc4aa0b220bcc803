import { randomUUID } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  closeSync,
  constants,
  existsSync,
  fstatSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Workflow } from '@agentteam/argo';

/** The paths of a run's files and directories. */
export interface RunDirectory {
  readonly root: string;
  readonly workflow: string;
  readonly events: string;
  /** Records how long the run has been running. */
  readonly clock: string;
  readonly commands: string;
  readonly volumes: string;
  readonly pods: string;
}

export function runDirectory(root: string): RunDirectory {
  const absolute = resolve(root);
  const at = (name: string): string => join(absolute, name);
  return {
    root: absolute,
    workflow: at('workflow.json'),
    events: at('events.jsonl'),
    clock: at('clock.json'),
    commands: at('commands'),
    volumes: at('volumes'),
    pods: at('pods'),
  };
}

/** Prompts, reports and logs are readable by the user only, whatever the umask. */
export const OWN_DIRECTORY = 0o700;
export const OWN_FILE = 0o600;

/** Creates a run's directories, and removes other users' permissions that an earlier release granted. */
export function makePrivate({
  root,
  workflow,
  events,
  commands,
  volumes,
  pods,
}: RunDirectory): void {
  for (const path of [root, commands, volumes, pods]) {
    mkdirSync(path, { recursive: true, mode: OWN_DIRECTORY });
    chmodSync(path, OWN_DIRECTORY);
  }
  for (const path of [workflow, events]) if (existsSync(path)) chmodSync(path, OWN_FILE);
}

/** @throws Error with code ENOENT when the directory contains no run. */
export function loadWorkflow(directory: RunDirectory): Workflow {
  return JSON.parse(readPlainFile(directory.workflow)) as Workflow;
}

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;

/** Far more than a Workflow, or any other file of a run that is read as a whole, has. */
export const MOST_RUN_FILE_BYTES: number = 64 << 20;

/**
 * Reads a file of a run. The run may come from somebody else, so a link is not followed, and a pipe or a file
 * without an end, which could keep this process waiting, is not read.
 * @throws a system error when there is no such file, or an Error when it is not a plain one or too large.
 */
export function readPlainFile(path: string): string {
  const file = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const stat = fstatSync(file);
    if (!stat.isFile()) throw new Error(`${path} is not a plain file`);
    if (stat.size > MOST_RUN_FILE_BYTES) throw new Error(`${path} is larger than 64 MiB`);
    return readFileSync(file, 'utf8');
  } finally {
    closeSync(file);
  }
}

/**
 * Replaces the Workflow's file atomically. Synchronous, because the engine must not act on a change before
 * it is on disk.
 */
export function saveWorkflow(directory: RunDirectory, workflow: Workflow): void {
  mkdirSync(directory.root, { recursive: true, mode: OWN_DIRECTORY });
  writeDurably(directory.workflow, `${JSON.stringify(workflow, null, 1)}\n`);
}

export function writeDurably(path: string, text: string): void {
  const temporary = `${path}.tmp`;
  try {
    const file = openSync(temporary, 'w', OWN_FILE);
    try {
      writeFileSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (error) {
    // On a full disk, a partial file would take the space that the next attempt needs.
    rmSync(temporary, { force: true });
    throw error;
  }
}

/**
 * Creates a file atomically, unless it exists.
 * @returns whether this call created it.
 */
export function writeOnce(path: string, text: string): boolean {
  mkdirSync(dirname(path), { recursive: true, mode: OWN_DIRECTORY });
  const own = `${path}.${randomUUID()}`;
  writeDurably(own, text);
  try {
    link(own, path, text);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  } finally {
    rmSync(own, { force: true });
  }
}

/** On a file system without links, a crash may leave a partial file. */
function link(from: string, to: string, text: string): void {
  try {
    linkSync(from, to);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (!['EPERM', 'ENOTSUP', 'ENOSYS'].includes(code)) throw error;
    writeFileSync(to, text, { flag: 'wx', mode: OWN_FILE });
  }
}

/** Appends a line. A partial line is removed, because it would corrupt the next one. */
export function appendEvent({ events }: RunDirectory, event: object): void {
  const length = statSync(events, { throwIfNoEntry: false })?.size ?? 0;
  try {
    appendFileSync(events, `${JSON.stringify(event)}\n`, { mode: OWN_FILE });
  } catch (error) {
    if (existsSync(events)) truncateSync(events, length);
    throw error;
  }
}
