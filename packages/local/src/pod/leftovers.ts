import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type ImageEngine, removeLeftovers } from '../images/image-engine.ts';
import { recordedSupervisors } from './container.ts';
import { removeSecrets } from './mounts.ts';
import { killAll } from './processes.ts';

/**
 * Kills the processes and removes the secrets that a killed engine left behind.
 * @param pods the directory that holds the directories of all pods of a run.
 * @param imageEngine runs the run's containers from images; absent where it has none.
 */
export async function endLeftovers(pods: string, imageEngine?: ImageEngine): Promise<void> {
  if (imageEngine !== undefined) await removeLeftovers(imageEngine, pods);
  const directories = readdirSync(pods, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(pods, name));
  await killAll({ directories, supervisors: directories.flatMap(recordedSupervisors) });
  for (const directory of directories) removeSecrets(directory);
}

/**
 * Kills the processes that a killed engine left behind. It reads no file of the run, which may come from somebody
 * else: a process shows by its environment to which run it belongs.
 * @param pods real path of the directory that holds the directories of all pods of the run.
 */
export async function endProcesses(pods: string, imageEngine?: ImageEngine): Promise<void> {
  if (imageEngine !== undefined) await removeLeftovers(imageEngine, pods);
  await killAll({ directories: [pods], supervisors: [] });
}
