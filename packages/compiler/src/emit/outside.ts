import type { EnvVar, Volume, VolumeMount } from '@agentteam/argo';
import { FILES, PATHS, type RunnerCommand } from '@agentteam/contract';
import type { ResolvedOptions } from '../resolve/options.ts';

/** Commands that connect to services outside the cluster. Agents connect through their gateways. */
const CALLERS: ReadonlySet<RunnerCommand> = new Set(['setup', 'gateway', 'deliver', 'finish']);

const TRUST = 'trust';

/** How a command connects to the outside: its proxy, and the certificate authorities that it trusts. */
export interface Outside {
  readonly env: readonly EnvVar[];
  readonly mounts: readonly VolumeMount[];
}

const NOTHING: Outside = { env: [], mounts: [] };

export function outsideOf(command: RunnerCommand, { network }: ResolvedOptions): Outside {
  const { proxy, trustConfigMap } = network;
  if (!CALLERS.has(command) || (proxy ?? trustConfigMap) === undefined) return NOTHING;
  const { https, http, exceptions } = proxy ?? {};
  // The names are in lower case because curl, which git uses, ignores HTTP_PROXY in upper case.
  const variables = { https_proxy: https, http_proxy: http, no_proxy: exceptions };
  const env = Object.entries(variables).flatMap(([name, value]) =>
    value ? [{ name, value }] : [],
  );
  if (trustConfigMap === undefined) return { env, mounts: [] };
  return {
    env: [...env, { name: 'NODE_EXTRA_CA_CERTS', value: `${PATHS.trust}/${FILES.trust}` }],
    mounts: [{ name: TRUST, mountPath: PATHS.trust, readOnly: true }],
  };
}

/** The Workflow's volumes for {@link outsideOf}. Argo adds a volume only to the pods that mount it. */
export function outsideVolumes({
  network: { trustConfigMap },
}: ResolvedOptions): readonly Volume[] {
  return trustConfigMap === undefined ? [] : [{ name: TRUST, configMap: { name: trustConfigMap } }];
}
