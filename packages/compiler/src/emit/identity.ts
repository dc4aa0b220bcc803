import type { Template, Volume, VolumeMount } from '@agentteam/argo';
import { CONTAINERS, PATHS } from '@agentteam/contract';
import type { ResolvedProvider } from '../resolve/provider.ts';

/** Name of the file with the token, below {@link PATHS.identity}. */
const TOKEN = 'token';
const VOLUME_NAME = 'identity';
/** The token is renewed when 80 % of this time have passed. */
const TOKEN_SECONDS = 3600;

/** Who the service account's token is for. */
function audienceOf({ ref, identity }: ResolvedProvider): string {
  switch (ref?.name) {
    case 'vertex':
      return `https:${identity?.audience ?? ''}`;
    case 'foundry':
      return 'api://AzureADTokenExchange';
    default:
      return identity?.roleArn === undefined ? 'pods.eks.amazonaws.com' : 'sts.amazonaws.com';
  }
}

/** The token of the pod's service account for the provider. Mount it in the gateway's container only. */
export function identityToken(provider: ResolvedProvider): {
  readonly volumes: readonly Volume[];
  readonly mounts: readonly VolumeMount[];
} {
  if (provider.identity === undefined) return { volumes: [], mounts: [] };
  const serviceAccountToken = {
    audience: audienceOf(provider),
    expirationSeconds: TOKEN_SECONDS,
    path: TOKEN,
  };
  const volume: Volume = {
    name: VOLUME_NAME,
    projected: { defaultMode: 0o440, sources: [{ serviceAccountToken }] },
  };
  return {
    volumes: [volume],
    mounts: [{ name: VOLUME_NAME, mountPath: PATHS.identity, readOnly: true }],
  };
}

interface PodIdentity {
  readonly pod: Pick<Template, 'serviceAccountName'>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** The containers of an agent's pod, with those that Argo adds. */
const ALL_CONTAINERS = [...Object.values(CONTAINERS), 'init', 'wait'];

/**
 * The service account of an agent's pod. If it is linked to an AWS role, EKS would mount a token into every
 * container, the agent's included. The annotation keeps EKS from it; the gateway has its own token.
 */
export function identityOfPod({ ref, identity }: ResolvedProvider): PodIdentity {
  if (identity === undefined) return { pod: {}, annotations: {} };
  return {
    pod: { serviceAccountName: identity.serviceAccountName },
    annotations:
      ref?.name === 'bedrock'
        ? { 'eks.amazonaws.com/skip-containers': ALL_CONTAINERS.join(',') }
        : {},
  };
}
