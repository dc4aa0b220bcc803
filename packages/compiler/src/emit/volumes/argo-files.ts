import type { Volume } from '@agentteam/argo';
import { ARGO_DIRECTORY } from '@agentteam/contract';
import { type Mounted, READ_ONLY } from './mounted.ts';

/** Argo's own volume, which every pod already has. {@link argoFiles} mounts parts of it. */
export const ARGO_VOLUME: Volume = { name: ARGO_DIRECTORY.volume, emptyDir: {} };

/**
 * Argo mounts its directory writable into every container. The files in it that Argo trusts are mounted again
 * over themselves, read-only: a file that is a mount point can be neither written nor replaced.
 */
export function argoFiles(): Mounted {
  const { volume, path, trusted } = ARGO_DIRECTORY;
  const mounts = trusted.map((file) => ({
    name: volume,
    mountPath: `${path}/${file}`,
    subPath: file,
    ...READ_ONLY,
  }));
  return { volumes: [], mounts };
}
