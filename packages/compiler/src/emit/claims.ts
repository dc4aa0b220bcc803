import type { PersistentVolumeClaim } from '@agentteam/argo';
import { LABELS } from '@agentteam/contract';
import { shorten } from '../resolve/names.ts';
import type { ResolvedOptions } from '../resolve/options.ts';
import type { ResolvedTeam } from '../resolve/resolve.ts';

/**
 * The claims that must exist before a team's Workflow starts. They are not part of the Workflow because they
 * must outlive it: Argo would delete a claim of its own once the Workflow has succeeded, and with it the only
 * copy of branches that were not pushed and everything that a retry needs.
 */
export interface Claims {
  /** The claim that all pods of the team share. It is deleted with the team. */
  readonly team: PersistentVolumeClaim;
  /** The claim for the team's results. Absent where the team has no output or names an existing claim. */
  readonly output?: PersistentVolumeClaim;
}

export function claimsOf(team: ResolvedTeam, { storage }: ResolvedOptions): Claims {
  const { storageClass, volumeSize } = storage;
  const { output } = team;
  return {
    team: claim(team, team.teamClaim, { storageClass, size: volumeSize }),
    ...(output?.created !== undefined && {
      output: claim(team, output.claim, {
        storageClass: output.created.storageClass ?? storageClass,
        size: output.created.size,
      }),
    }),
  };
}

function claim(
  { metadata }: ResolvedTeam,
  name: string,
  { storageClass, size }: { readonly storageClass: string | undefined; readonly size: string },
): PersistentVolumeClaim {
  const { namespace } = metadata;
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name,
      ...(namespace !== undefined && { namespace }),
      labels: {
        [LABELS.team]: shorten(metadata.name, 63),
        'app.kubernetes.io/managed-by': 'agentteam',
      },
    },
    spec: {
      accessModes: ['ReadWriteMany'],
      ...(storageClass !== undefined && { storageClassName: storageClass }),
      resources: { requests: { storage: size } },
    },
  };
}
