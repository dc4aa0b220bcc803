import type { Volume } from '@agentteam/argo';
import { ARGO_DIRECTORY } from '@agentteam/contract';
import { type Mounted, READ_ONLY } from './mounted.ts';

const { volume, path, trusted } = ARGO_DIRECTORY;

/** Argo's own volume, which every pod already has. {@link ARGO_FILES} mounts parts of it. */
export const ARGO_VOLUME: Volume = { name: volume, emptyDir: {} };

/**
 * Argo mounts its directory writable into every container. The files in it that Argo trusts are mounted again
 * over themselves, read-only: a file that is a mount point can be neither written nor replaced.
 */
export const ARGO_FILES: Mounted = {
  volumes: [],
  mounts: trusted.map((file) => ({
    name: volume,
    mountPath: `${path}/${file}`,
    subPath: file,
    ...READ_ONLY,
  })),
};
