import { statfsSync } from 'node:fs';
import type { Workflow } from '@agentteam/argo';
import { StorageError } from '@agentteam/volume';
import { containersOf, initContainersOf } from '../support/containers.ts';

/** With less, neither agents nor the run's own state can be written: what there is left is for the state. */
const LEAST_ROOM = 1 << 20;

/**
 * Makes sure that there is room to go on, while there still is enough to stop in good order.
 * @throws StorageError naming the directory whose disk is full.
 */
export function requireRoom(directories: readonly string[]): void {
  for (const directory of directories) {
    const { bavail, bsize, blocks } = statfsSync(directory);
    // A file system without a size, such as one that is put together of others, tells nothing.
    if (blocks === 0 || bavail * bsize >= LEAST_ROOM) continue;
    const message = `less than 1 MiB is left on the disk of ${directory}`;
    throw new StorageError('full', directory, { message });
  }
}

/** Names of existing claims that a container may write to. */
export function writtenClaims({ spec }: Workflow): readonly string[] {
  const templates = spec.templates ?? [];
  return templates.flatMap((template) => {
    const volumes = [...(spec.volumes ?? []), ...(template.volumes ?? [])];
    const mounts = [...initContainersOf(template), ...containersOf(template)]
      .flatMap(([, { volumeMounts = [] }]) => volumeMounts)
      .filter(({ readOnly }) => readOnly !== true);
    const written = new Set(mounts.map(({ name }) => name));
    return volumes.flatMap(({ name, persistentVolumeClaim }) =>
      persistentVolumeClaim !== undefined && !persistentVolumeClaim.readOnly && written.has(name)
        ? [persistentVolumeClaim.claimName]
        : [],
    );
  });
}
