import type { Volume, VolumeMount } from '@agentteam/argo';
import { PATHS } from '@agentteam/contract';
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
