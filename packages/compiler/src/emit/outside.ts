import type { EnvVar, Volume, VolumeMount } from '@agentteam/argo';
import { FILES, PATHS, type RunnerCommand } from '@agentteam/contract';
import type { ResolvedOptions } from '../resolve/options.ts';

/** Commands that call somebody outside of the cluster. Agents do so through their gateways. */
const CALLERS: ReadonlySet<RunnerCommand> = new Set(['setup', 'gateway', 'deliver', 'finish']);

const TRUST = 'trust';

/** How a command reaches the world: through which proxy, and whose certificates it believes. */
export interface Outside {
  readonly env: readonly EnvVar[];
  readonly mounts: readonly VolumeMount[];
}

export function outsideOf(
  command: RunnerCommand,
  { proxy = {}, trustConfigMap }: ResolvedOptions,
): Outside {
  if (!CALLERS.has(command)) return { env: [], mounts: [] };
  // In lower case: curl, by which git goes, reads `http_proxy` in no other.
  const { https, http, exceptions } = proxy;
  const variables = { https_proxy: https, http_proxy: http, no_proxy: exceptions };
  const proxied = Object.entries(variables).flatMap(([name, value]) =>
    value ? [{ name, value }] : [],
  );
  if (trustConfigMap === undefined) return { env: proxied, mounts: [] };
  return {
    env: [...proxied, { name: 'NODE_EXTRA_CA_CERTS', value: `${PATHS.trust}/${FILES.trust}` }],
    mounts: [{ name: TRUST, mountPath: PATHS.trust, readOnly: true }],
  };
}

/** What {@link outsideOf} mounts: of the Workflow, for Argo gives a pod those alone that it mounts. */
export function outsideVolumes({ trustConfigMap }: ResolvedOptions): readonly Volume[] {
  return trustConfigMap === undefined ? [] : [{ name: TRUST, configMap: { name: trustConfigMap } }];
}
