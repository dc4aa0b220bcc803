import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withLock } from '@agentteam/volume';
import { Failure } from '../../failure.ts';

const FILE = 'engine.pid';

/**
 * Keeps a run for this process: two engines on one run would start every agent twice.
 * @param reference what one types behind a verb to reach it.
 * @returns what gives it back.
 * @throws Failure while another living process has it.
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
        wayOut: `agentteam get ${reference}   shows it; agentteam stop ${reference}   stops it.`,
      });
    }
    await writeFile(path, await identityOf(process.pid));
  });
  return () => rm(path, { force: true });
}

/** Whether a living process runs it. */
export async function isHeld(directory: string): Promise<boolean> {
  const holder = await readFile(join(directory, FILE), 'utf8').catch(() => '');
  const pid = Number.parseInt(holder, 10);
  return isAlive(pid) && (await identityOf(pid)) === holder;
}

function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process: alive.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** The process id and, where the system tells, when it started: ids are given again. */
async function identityOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // After the name, which may hold anything, the start time is the twentieth field (proc(5)).
  const startedAt = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  return `${pid} ${startedAt}`;
}
