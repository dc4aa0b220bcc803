import type { PersistentVolumeClaim } from '@agentteam/argo';
import { LABELS } from '@agentteam/contract';
import { shorten, teamClaimName } from '../resolve/names.ts';
import type { ResolvedOptions } from '../resolve/options.ts';
import type { ResolvedTeam } from '../resolve/resolve.ts';

/**
 * The claims that must exist before a team's Workflow starts. The Workflow only refers to them, because
 * both outlive it: Argo would delete a claim of its own once the Workflow has succeeded, and with it the
 * only copy of a branch that was not pushed and everything that a retry goes on from.
 */
export interface Claims {
  /** The claim that all pods of the team share. It belongs to the team and is deleted with it. */
  readonly team: PersistentVolumeClaim;
  /** The claim for the team's results; absent where the team has none or names one of its own. */
  readonly output?: PersistentVolumeClaim;
}

export function claimsOf(team: ResolvedTeam, options: ResolvedOptions): Claims {
  const { output } = team.team.spec.workspace ?? {};
  return {
    team: claim(team, teamClaimName(team.workflowName), {
      storageClass: options.storageClass,
      size: options.volumeSize,
    }),
    ...(output !== undefined &&
      team.output !== undefined &&
      output.pvc === undefined && {
        output: claim(team, team.output.claim, {
          storageClass: output.storageClass ?? options.storageClass,
          size: output.size,
        }),
      }),
  };
}

function claim(
  { team: { metadata } }: ResolvedTeam,
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
