import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { removeTrees } from '@agentteam/volume';

/** Removes what pods had for themselves (HOME, /tmp, links to mounts); their logs stay. */
export async function removeScratch(runDirectory: string): Promise<void> {
  const pods = join(runDirectory, 'pods');
  for (const pod of await readdir(pods)) {
    const entries = await readdir(join(pods, pod), { withFileTypes: true });
    const directories = entries.filter((entry) => entry.isDirectory());
    await removeTrees(directories.map(({ name }) => join(pods, pod, name)));
  }
}
