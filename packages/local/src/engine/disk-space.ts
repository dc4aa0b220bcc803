import { statfsSync } from 'node:fs';
import type { Workflow } from '@agentteam/argo';
import { freeInodes, StorageError } from '@agentteam/volume';
import { containersOf, initContainersOf } from '../containers.ts';

/** With less than this, the engine stops while it can still write its own state. */
const LEAST_FREE_BYTES = 1 << 20;
const LEAST_FREE_INODES = 64;

/** @throws StorageError naming a directory whose disk has too little space, or too few inodes. */
export function requireDiskSpace(directories: readonly string[]): void {
  for (const directory of directories) {
    const inodes = freeInodes(directory);
    if (inodes < LEAST_FREE_INODES) {
      const message = `the disk of ${directory} has ${inodes === 0 ? 'no' : `only ${inodes}`} free inodes`;
      throw new StorageError('no-inodes', directory, { message });
    }
    const { bavail, bsize, blocks } = statfsSync(directory);
    // Overlay and other composed file systems may report a size of 0.
    if (blocks === 0 || bavail * bsize >= LEAST_FREE_BYTES) continue;
    const message = `less than 1 MiB is free on the disk of ${directory}`;
    throw new StorageError('full', directory, { message });
  }
}

/** Names of existing claims that some container can write to. */
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
