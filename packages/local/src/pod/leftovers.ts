import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { recordedSupervisors } from './container.ts';
import { removeSecrets } from './mounts.ts';
import { killAll } from './processes.ts';

/**
 * Ends what an engine that was killed has left behind: processes of its pods, and secrets on disk.
 * @param pods directory of all pods of a run.
 */
export async function endLeftovers(pods: string): Promise<void> {
  const directories = readdirSync(pods, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(pods, name));
  await killAll({ directories, supervisors: directories.flatMap(recordedSupervisors) });
  for (const directory of directories) removeSecrets(directory);
}
