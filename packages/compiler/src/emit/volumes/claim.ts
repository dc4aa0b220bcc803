import type { Volume, VolumeMount } from '@agentteam/argo';
import { PATHS, VOLUME } from '@agentteam/contract';
import type { ResolvedTeam } from '../../resolve/resolve.ts';
import { type Mounted, READ_ONLY } from './mounted.ts';

/** Name of the volume that all pods of the team share. */
export const TEAM_VOLUME = 'team';

export function teamVolume({ teamClaim }: ResolvedTeam): Volume {
  return { name: TEAM_VOLUME, persistentVolumeClaim: { claimName: teamClaim } };
}

export function shared(mountPath: string, subPath?: string, readOnly = false): VolumeMount {
  return {
    name: TEAM_VOLUME,
    mountPath,
    ...(subPath !== undefined && { subPath }),
    ...(readOnly && READ_ONLY),
  };
}

/** The whole claim, for the containers that run no agent's code. */
export function wholeClaim(team: ResolvedTeam): Mounted {
  return {
    volumes: [],
    mounts: [
      shared(PATHS.volume),
      ...(team.repository === undefined ? [] : [shared(PATHS.repository, VOLUME.repository)]),
    ],
  };
}
