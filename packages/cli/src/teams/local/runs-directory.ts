import { statSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { OBJECT_NAME } from '@agentteam/contract';
import { shellWord } from '@agentteam/text';
import { removeTrees } from '@agentteam/volume';
import type { Context } from '../../context.ts';
import { usageError } from '../../failure.ts';
import { isAlive } from './run-lock.ts';

/** Default directory of the runs, below the working directory. */
const DIRECTORY = '.agentteam';
/** In the directory of a run: its record. A directory without a record is not a run. */
export const RECORD = 'run.json';
/** In the directory of a run: the directory that all steps of the team share. */
export const TEAM_DIRECTORY = 'volumes/team';

/** In a directory that is not a run yet: the id of the process that is creating the run. */
export const CREATOR = 'maker.pid';

/** The directory of the runs, which need not exist. @throws Failure when it is a file. */
export function runsDirectory(context: Context, directory: string | undefined): string {
  const runs = resolve(context.cwd, directory ?? DIRECTORY);
  if (statSync(runs, { throwIfNoEntry: false })?.isDirectory() === false) {
    throw usageError(`${runs} is a file`, 'Use --dir to choose a directory for the runs.');
  }
  return runs;
}

/** The arguments that select a run in a command, from the working directory. */
export function referenceTo(runs: string, run: string): string {
  return runs === resolve(DIRECTORY) ? run : `${run} --dir ${shellWord(runs)}`;
}

/**
 * Makes the directory of a new run, and tells git to ignore the runs.
 * @returns the name of the run.
 * @throws Failure when the name is taken and no other may be used.
 */
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
      `a run named ${run} already exists`,
      `To continue it, run: agentteam resume ${reference}\n  To delete it, run: agentteam delete ${reference}`,
    );
  }
}

/** Makes a directory and its missing parents. */
async function makeDirectories(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || dirname(path) === path) throw error;
    // On a read-only file system Node reports ENOENT. Making the parents one by one yields the real error.
    await makeDirectories(dirname(path));
    await mkdir(path, { mode: 0o700 });
  }
}

/**
 * Atomically makes a directory that contains this process's id.
 * @returns false when the directory already exists.
 */
async function claim(directory: string): Promise<boolean> {
  // The name of a run never begins with a dot.
  const own = join(dirname(directory), `.${process.pid}.${basename(directory)}`);
  await mkdir(own, { recursive: true, mode: 0o700 });
  await writeFile(join(own, CREATOR), String(process.pid));
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

/** Whether the process that was creating a run here was killed before the run was complete. */
async function isAbandoned(directory: string): Promise<boolean> {
  const read = (name: string) => readFile(join(directory, name), 'utf8').catch(() => undefined);
  const creator = Number(await read(CREATOR));
  if (!(creator > 0) || (await read(RECORD)) !== undefined) return false;
  return !isAlive(creator);
}

export interface RunName {
  readonly name: string;
  /** Whether the run must have exactly this name; otherwise a number may be appended. */
  readonly exact: boolean;
}

function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}

/** A file name has at most 255 bytes, and some file names contain the name of the run. */
const LONGEST_RUN_NAME = 100;

/** Whether a name is valid in Kubernetes too, and short enough for file names that contain it. */
export function isRunName(name: string): boolean {
  return name.length <= LONGEST_RUN_NAME && OBJECT_NAME.test(name);
}
