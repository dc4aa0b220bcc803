import type { Volume, VolumeMount } from '@agentteam/argo';
import { PATHS } from '@agentteam/contract';

/** Volumes, and where a container mounts them. */
export interface Mounted {
  readonly volumes: readonly Volume[];
  readonly mounts: readonly VolumeMount[];
}

export const NOTHING: Mounted = { volumes: [], mounts: [] };

export const READ_ONLY: { readonly readOnly: true } = { readOnly: true };

export function join(...parts: readonly Mounted[]): Mounted {
  const volumes: Volume[] = [];
  const mounts: VolumeMount[] = [];
  for (const part of parts) {
    volumes.push(...part.volumes);
    mounts.push(...part.mounts);
  }
  return { volumes, mounts };
}

/** Leaves out volumes that several containers of a pod brought in. */
export function uniqueVolumes(volumes: readonly Volume[]): Volume[] {
  return [...new Map(volumes.map((volume) => [volume.name, volume])).values()];
}

export function emptyDir(name: string, mountPath: string): Mounted {
  return { volumes: [{ name, emptyDir: {} }], mounts: [{ name, mountPath }] };
}

export function secret(
  name: string,
  secretName: string,
  mountPath: string,
  options: { readonly optional?: true } = {},
): Mounted {
  return {
    // Readable by the owner and the pod's group only.
    volumes: [{ name, secret: { secretName, defaultMode: 0o440, ...options } }],
    mounts: [{ name, mountPath, ...READ_ONLY }],
  };
}

/** @param place path below {@link PATHS.credentials}. */
export function secretIn(name: string, secretName: string | undefined, place: string): Mounted {
  return secretName === undefined
    ? NOTHING
    : secret(name, secretName, `${PATHS.credentials}/${place}`);
}

/** Mounts a Secret below {@link PATHS.credentials} under the volume's name. */
export function secretAt(name: string, secretName: string | undefined): Mounted {
  return secretIn(name, secretName, name);
}
