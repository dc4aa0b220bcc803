import type { WorkloadIdentity } from '@agentteam/contract';
import {
  ClientSecretCredential,
  type TokenCredential,
  WorkloadIdentityCredential,
} from '@azure/identity';

/** An application of Entra with a secret. */
export function clientCredential(
  [tenant, client, secret]: readonly [tenant: string, client: string, secret: string],
  authorityUrl: string | undefined,
): TokenCredential {
  return new ClientSecretCredential(tenant, client, secret, authority(authorityUrl));
}

/** The identity of a pod's service account. @param tokenFile file with the account's token. */
export function podCredential(
  { tenantId = '', clientId = '' }: WorkloadIdentity,
  tokenFile: string,
  authorityUrl: string | undefined,
): TokenCredential {
  return new WorkloadIdentityCredential({
    ...authority(authorityUrl),
    tenantId,
    clientId,
    tokenFilePath: tokenFile,
  });
}

/** An authority other than Microsoft's public cloud cannot be looked up there. */
function authority(url: string | undefined) {
  return url === undefined ? {} : { authorityHost: url, disableInstanceDiscovery: true };
}
