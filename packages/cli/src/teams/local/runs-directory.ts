import { existsSync, readdirSync, statSync } from 'node:fs';
import { lstat, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { OBJECT_NAME } from '@agentteam/contract';
import { shellWord } from '@agentteam/text';
import { readUntrusted, removeTrees } from '@agentteam/volume';
import type { Context } from '../../context.ts';
import { usageError } from '../../failure.ts';
import { makeDirectories } from '../../make-directories.ts';
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

/**
 * Says where else runs may be: in the default directory of a parent of the working directory, if there is one.
 * @param runs the directory where they were looked for.
 */
export function otherRuns(runs: string): string {
  const parents = basename(runs) === DIRECTORY ? parentsOf(dirname(runs)) : [];
  const above = parents.map((parent) => join(parent, DIRECTORY)).find(hasRuns);
  if (above !== undefined) return `There are runs in ${above}: add --dir ${shellWord(above)}.`;
  return 'Use --dir for another directory.';
}

/** The directories above a directory, the closest first. */
function parentsOf(directory: string): readonly string[] {
  const parent = dirname(directory);
  return parent === directory ? [] : [parent, ...parentsOf(parent)];
}

function hasRuns(directory: string): boolean {
  try {
    return readdirSync(directory).some(isRunName);
  } catch {
    return false;
  }
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
  await makeDirectories(runs, 0o700);
  await removeRemains(runs);
  await ignoreInGit(runs);
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

/** Makes git ignore the runs. The file is never changed, so it must not stay empty on a full disk. */
async function ignoreInGit(runs: string): Promise<void> {
  const file = join(runs, '.gitignore');
  if (existsSync(file)) return;
  const own = join(runs, hiddenName('gitignore'));
  try {
    await writeFile(own, '*\n');
    await rename(own, file);
  } finally {
    await rm(own, { force: true });
  }
}

/**
 * Atomically makes a directory that contains this process's id.
 * @returns false when the directory already exists.
 */
async function claim(directory: string): Promise<boolean> {
  const own = join(dirname(directory), hiddenName(basename(directory)));
  // In a directory from an archive, this may be a link to any directory of the user.
  await rm(own, { recursive: true, force: true });
  await mkdir(own, { mode: 0o700 });
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

/** Name of the directory of a run that this process is making or deleting. The name of a run never begins with a dot. */
export function hiddenName(run: string): string {
  return `.${process.pid}.${run}`;
}

/** Removes what processes that were killed while they made or deleted a run have left. */
export async function removeRemains(runs: string): Promise<void> {
  const remains = (await readdir(runs)).filter((name) => {
    const [, pid] = /^\.(\d+)\./.exec(name) ?? [];
    return pid !== undefined && !isAlive(Number(pid));
  });
  await removeTrees(remains.map((name) => join(runs, name)));
}

/** Whether the process that was creating a run here was killed before the run was complete. */
async function isAbandoned(directory: string): Promise<boolean> {
  const creator = Number(await readUntrusted(join(directory, CREATOR)));
  const record = await lstat(join(directory, RECORD)).catch(() => undefined);
  if (!(creator > 0) || record !== undefined) return false;
  return !isAlive(creator);
}

export interface RunName {
  readonly name: string;
  /** Whether the run must have exactly this name; otherwise a number may be appended. */
  readonly exact: boolean;
}

/** A file name has at most 255 bytes, and some file names contain the name of the run. */
const LONGEST_RUN_NAME = 100;

/** Whether a name is valid in Kubernetes too, and short enough for file names that contain it. */
export function isRunName(name: string): boolean {
  return name.length <= LONGEST_RUN_NAME && OBJECT_NAME.test(name);
}
