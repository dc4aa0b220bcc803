import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { recordedSupervisors } from './container.ts';
import { removeSecrets } from './mounts.ts';
import { killAll } from './processes.ts';

/**
 * Kills the processes and removes the secrets that a killed engine left behind.
 * @param pods the directory that holds the directories of all pods of a run.
 */
export async function endLeftovers(pods: string): Promise<void> {
  const directories = readdirSync(pods, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(pods, name));
  await killAll({ directories, supervisors: directories.flatMap(recordedSupervisors) });
  for (const directory of directories) removeSecrets(directory);
}
