import { statSync } from 'node:fs';
import {
  chmod,
  lstat,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { AgentTeam } from '@agentteam/api';
import { OBJECT_NAME } from '@agentteam/contract';
import type { SandboxNetwork } from '@agentteam/local';
import type { AllowPrivate } from '@agentteam/notify';
import { mapFew, removeTrees } from '@agentteam/volume';
import type { Context } from '../../context.ts';
import { Failure, usageError } from '../../failure.ts';
import { shellWord } from '../../output/terminal/shell-word.ts';

/** Where runs are kept, below the directory that one works in. */
const DIRECTORY = '.agentteam';
const RECORD = 'run.json';
/** In a run's directory: the directory that all steps of the team share. */
export const TEAM_DIRECTORY = 'volumes/team';

/** In a directory that is not a run yet: id of the process that makes it one. */
const MAKER = 'maker.pid';

/** What the CLI must know of a run besides its Workflow, to show it and to go on with it. */
export interface RunRecord {
  readonly run: string;
  /** ISO 8601. */
  readonly createdAt: string;
  /** As it was compiled. */
  readonly team: AgentTeam;
  /** Directory of the results, in Cowork mode. */
  readonly output?: string;
  readonly rehearsal?: RehearsalRecord;
  readonly sandbox: SandboxChoice;
  /** Paths of the directories that stand for ConfigMaps and claims, by name; relative ones in the run's own. */
  readonly configMaps: Readonly<Record<string, string>>;
  readonly claims: Readonly<Record<string, string>>;
  /** Where secrets were read from; their values are never written here. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Events that are approved in advance; `all`: every one. */
  readonly approve: readonly string[];
  readonly options: {
    readonly record: boolean;
    readonly prices: boolean;
    /** Of the Messages API, besides those whose cost gateways know. */
    readonly apiFeatures?: readonly string[];
    /** Base URL of the Messages API, where it is not Anthropic's own. */
    readonly apiUrl?: string;
    readonly hostingUrl?: string;
    /** Whether the team's webhook may lead to this machine and its network. */
    readonly allowPrivateWebhooks?: AllowPrivate;
    /** `host`: agents share this machine's network; absent: each has its own. */
    readonly network?: SandboxNetwork;
    /** What agents reach in private networks. */
    readonly reach?: readonly string[];
    /** Pods and scratch files stay after the end. */
    readonly keep: boolean;
  };
}

export interface RehearsalRecord {
  /** Copy of the script, in the run's directory; absent: made from the team. */
  readonly script?: string;
  /** Directory of the recording that is replayed. */
  readonly recording?: string;
  /** Port on loopback that the Workflow's addresses name. */
  readonly port: number;
}

/** `required`: no run without one; `optional`: where there is one; `none`. */
export type SandboxChoice = 'required' | 'optional' | 'none';

/** @throws Failure where it is a file. It need not be there. */
export function runsDirectory(context: Context, directory: string | undefined): string {
  const runs = resolve(context.cwd, directory ?? DIRECTORY);
  if (statSync(runs, { throwIfNoEntry: false })?.isDirectory() === false) {
    throw usageError(`${runs} is a file`, 'Runs are kept in a directory: name one with --dir.');
  }
  return runs;
}

/** What one types behind a verb to reach a run from the directory that one works in. */
export function referenceTo(runs: string, run: string): string {
  return runs === resolve(DIRECTORY) ? run : `${run} --dir ${shellWord(runs)}`;
}

/** Makes the directory of a new run. Runs are nothing to commit: git is told to leave them out. */
export async function makeRunDirectory(runs: string, wanted: RunName): Promise<string> {
  await makeDirectories(runs);
  await writeFile(join(runs, '.gitignore'), '*\n', { flag: 'wx' }).catch(ignoreExisting);
  for (let attempt = 1; ; attempt += 1) {
    const run = attempt === 1 ? wanted.name : `${wanted.name}-${attempt}`;
    const directory = join(runs, run);
    if (await isAbandoned(directory)) await removeTrees([directory]);
    if (await claim(directory)) return run;
    if (!wanted.exact) continue;
    const reference = referenceTo(runs, run);
    throw usageError(
      `there is a run ${run} already`,
      `Go on with it: agentteam resume ${reference}   or remove it: agentteam delete ${reference}`,
    );
  }
}

/** Makes a directory and what is missing above it. */
async function makeDirectories(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || dirname(path) === path) throw error;
    // Node says so of a file system that is read-only; made one by one the system's own reason shows.
    await makeDirectories(dirname(path));
    await mkdir(path, { mode: 0o700 });
  }
}

/** Makes a directory with this process's id in it, both at once. @returns false where there is one. */
async function claim(directory: string): Promise<boolean> {
  // No run's name begins with a dot.
  const own = join(dirname(directory), `.${process.pid}.${basename(directory)}`);
  await mkdir(own, { recursive: true, mode: 0o700 });
  await writeFile(join(own, MAKER), String(process.pid));
  try {
    await rename(own, directory);
    return true;
  } catch (error) {
    await rm(own, { recursive: true });
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOTEMPTY' || code === 'EEXIST') return false;
    throw error;
  }
}

/** Whether whoever wanted to make a run here was killed before it was one. */
async function isAbandoned(directory: string): Promise<boolean> {
  const read = (name: string) => readFile(join(directory, name), 'utf8').catch(() => undefined);
  const maker = Number(await read(MAKER));
  if (!(maker > 0) || (await read(RECORD)) !== undefined) return false;
  try {
    process.kill(maker, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

export interface RunName {
  readonly name: string;
  /** Whether another name must not be taken instead. */
  readonly exact: boolean;
}

function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}

/** From then on the directory is a run, whole: there is no instant at which half a record is there. */
export async function writeRecord(runs: string, record: RunRecord): Promise<void> {
  const directory = join(runs, record.run);
  const unfinished = join(directory, `${RECORD}.tmp`);
  await writeFile(unfinished, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
  await rename(unfinished, join(directory, RECORD));
  await rm(join(directory, MAKER), { force: true });
}

/**
 * Reads a run's record, and takes the run from others' eyes where an older release let them read it.
 * @returns `undefined` where there is no run of that name.
 */
export async function readRecord(runs: string, run: string): Promise<RunRecord | undefined> {
  if (!isRunName(run)) return undefined;
  try {
    const { mode } = await stat(join(runs, run, RECORD));
    // Somebody else's run stays as it is.
    if ((mode & 0o077) !== 0) await makePrivate(join(runs, run)).catch(() => {});
    const record = JSON.parse(await readFile(join(runs, run, RECORD), 'utf8')) as RunRecord;
    if (typeof record?.createdAt !== 'string' || typeof record.team?.spec !== 'object') {
      throw new Error('it is not the record of a run');
    }
    // A directory that was copied or renamed is a run of its own.
    return { ...record, run };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new Failure(`${join(runs, run, RECORD)} cannot be read: ${message}`, {
      wayOut: `agentteam delete ${referenceTo(runs, run)}   removes the run`,
      cause: error,
    });
  }
}

/** Whether a name is that of a run, be its record readable or not. */
export async function isRunDirectory(runs: string, run: string): Promise<boolean> {
  if (!isRunName(run)) return false;
  const found = await lstat(join(runs, run, RECORD)).catch(() => undefined);
  return found?.isFile() === true;
}

async function makePrivate(directory: string): Promise<void> {
  await chmod(directory, 0o700);
  await chmod(join(directory, RECORD), 0o600);
}

/** File names have 255 bytes at most, and some are made from a run's name. */
const LONGEST_RUN_NAME = 100;

/** A name that Kubernetes accepts as well, and short enough for every file that is named after it. */
export function isRunName(name: string): boolean {
  return name.length <= LONGEST_RUN_NAME && OBJECT_NAME.test(name);
}

export interface ListedRecords {
  /** The newest first. */
  readonly records: readonly RunRecord[];
  readonly unreadable: readonly { readonly run: string; readonly error: Error }[];
}

/** All runs. One that cannot be read does not hide the others. */
export async function listRecords(runs: string): Promise<ListedRecords> {
  const names = await readdir(runs).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const read = await mapFew(names, (run) =>
    readRecord(runs, run).catch((error: Error) => ({ run, error })),
  );
  return {
    records: read
      .flatMap((found) => (found !== undefined && 'team' in found ? [found] : []))
      .toSorted((a, b) => b.createdAt.localeCompare(a.createdAt)),
    unreadable: read.flatMap((found) => (found !== undefined && 'error' in found ? [found] : [])),
  };
}
