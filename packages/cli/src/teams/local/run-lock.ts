import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { entryOf } from '@agentteam/local';
import { withLock } from '@agentteam/volume';
import { Failure } from '../../failure.ts';
import { readPlainFile } from './read-plain-file.ts';

const FILE = 'engine.pid';

/**
 * Reserves a run for this process: two engines on one run would start every agent twice.
 * @param reference arguments that select the run in a command.
 * @returns a function that releases the run.
 * @throws Failure while another living process has reserved the run.
 */
export async function holdRun(
  directory: string,
  run: string,
  reference: string = run,
): Promise<() => Promise<void>> {
  const path = join(directory, FILE);
  await withLock(path, async () => {
    if (await isHeld(directory)) {
      throw new Failure(`another process is running ${run}`, {
        hint: `To see it, run: agentteam get ${reference}\n  To stop it, run: agentteam stop ${reference}`,
      });
    }
    // In a run from an archive, this may be a link to any file of the user.
    await rm(path, { recursive: true, force: true });
    await writeFile(path, identityOf(process.pid), { flag: 'wx' });
  });
  return () => rm(path, { force: true });
}

/** Whether a living process has reserved the run. */
export async function isHeld(directory: string): Promise<boolean> {
  return (await holderOf(directory)) !== undefined;
}

/** The id of the living process that has reserved the run. */
export async function holderOf(directory: string): Promise<number | undefined> {
  const holder = (await readPlainFile(join(directory, FILE)).catch(() => undefined)) ?? '';
  const pid = Number.parseInt(holder, 10);
  return isAlive(pid) && identityOf(pid) === holder ? pid : undefined;
}

/** Whether Ctrl-Z or a signal has suspended a process. Unknown on macOS, which has no `/proc`. */
export function isSuspended(pid: number): boolean {
  return entryOf(pid)?.isSuspended === true;
}

/** Whether a process with this id exists. */
export function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: the process exists and belongs to another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** The process id and, on Linux, the start time of the process, because ids are reused. */
function identityOf(pid: number): string {
  return `${pid} ${entryOf(pid)?.startedAt ?? ''}`;
}
