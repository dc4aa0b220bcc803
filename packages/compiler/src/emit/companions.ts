import type { PersistentVolumeClaim } from '@agentteam/argo';
import { LABELS } from '@agentteam/contract';
import { shorten } from '../resolve/names.ts';
import type { ResolvedOptions } from '../resolve/options.ts';
import type { ResolvedTeam } from '../resolve/resolve.ts';

/**
 * The claim that a team's results are left on. It outlives the Workflow, so the Workflow only
 * refers to it and somebody has to make it: undefined where the team names one of its own.
 */
export function outputClaim(
  team: ResolvedTeam,
  options: ResolvedOptions,
): PersistentVolumeClaim | undefined {
  const { output } = team.team.spec.workspace ?? {};
  if (output === undefined || team.output === undefined || output.pvc !== undefined)
    return undefined;
  const { name, namespace } = team.team.metadata;
  const storageClass = output.storageClass ?? options.storageClass;
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name: team.output.claim,
      ...(namespace !== undefined && { namespace }),
      labels: {
        [LABELS.team]: shorten(name, 63),
        'app.kubernetes.io/managed-by': 'agentteam',
      },
    },
    spec: {
      accessModes: ['ReadWriteMany'],
      ...(storageClass !== undefined && { storageClassName: storageClass }),
      resources: { requests: { storage: output.size } },
    },
  };
}
