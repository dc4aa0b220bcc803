import { realpath, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { RUNNER } from '@agentteam/contract';
import {
  endProcesses,
  IMAGE_ENGINES,
  type ImageEngine,
  imageContainers,
  runDirectory,
} from '@agentteam/local';
import { removeTrees, storageErrorOf } from '@agentteam/volume';
import { Failure } from '../../failure.ts';
import { LocalTeam } from './local-team.ts';
import { holdRun, isHeld } from './run-lock.ts';
import { readRecord } from './run-record.ts';
import { hiddenName, referenceTo, removeRemains } from './runs-directory.ts';

/**
 * Deletes a run. Processes that a killed engine left behind are ended first. The directory disappears from the
 * runs at once, so a command that is killed leaves no part of a run.
 * @throws Failure while another process executes the run.
 */
export async function deleteRun(runs: string, run: string, env: ImageEngine['env']): Promise<void> {
  const directory = join(runs, run);
  if (await isHeld(directory)) {
    const hint = `To stop it, run: agentteam stop ${referenceTo(runs, run)}`;
    throw new Failure(`${run} is running`, { hint });
  }
  // A run on a full disk can be deleted too.
  const release = await holdRun(directory, run, referenceTo(runs, run)).catch((error: unknown) => {
    if (storageErrorOf(error)?.fault === 'full') return async () => {};
    throw error;
  });
  const hidden = join(runs, hiddenName(run));
  try {
    const { pods } = runDirectory(join(await realpath(runs), run));
    await endProcesses(pods, await imageEngineOf(runs, run, env));
    await rename(directory, hidden);
  } catch (error) {
    await release();
    throw error;
  }
  await removeTrees([hidden]);
  await removeRemains(runs);
}

/** What runs the containers of a run that have images; undefined if it has none, or cannot be read. */
async function imageEngineOf(
  runs: string,
  run: string,
  env: ImageEngine['env'],
): Promise<ImageEngine | undefined> {
  try {
    const record = await readRecord(runs, run);
    if (record === undefined) return undefined;
    const workflow = await new LocalTeam(runs, record).workflow();
    if (imageContainers(workflow, [RUNNER]).length === 0) return undefined;
    // The record may come from somebody else, and must name no other program.
    const name = IMAGE_ENGINES.find((engine) => engine === record.options.containers) ?? 'podman';
    return { name, env };
  } catch {
    return undefined;
  }
}
