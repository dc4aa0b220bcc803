import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Podman, removeLeftovers } from '../podman/podman.ts';
import { recordedSupervisors } from './container.ts';
import { removeSecrets } from './mounts.ts';
import { killAll } from './processes.ts';

/**
 * Kills the processes and removes the secrets that a killed engine left behind.
 * @param pods the directory that holds the directories of all pods of a run.
 * @param podman runs the run's containers from images; absent where it has none.
 */
export async function endLeftovers(pods: string, podman?: Podman): Promise<void> {
  if (podman !== undefined) await removeLeftovers(podman, pods);
  const directories = readdirSync(pods, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(pods, name));
  await killAll({ directories, supervisors: directories.flatMap(recordedSupervisors) });
  for (const directory of directories) removeSecrets(directory);
}
