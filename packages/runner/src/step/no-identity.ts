import { access } from 'node:fs/promises';
import { EXIT } from '@agentteam/contract';
import { StepFailure } from './failure.ts';

/** Where Kubernetes and the webhooks of clouds put tokens, and the variables that name another place. */
const TOKENS: readonly string[] = [
  '/var/run/secrets/kubernetes.io/serviceaccount/token',
  '/var/run/secrets/eks.amazonaws.com/serviceaccount/token',
  '/var/run/secrets/pods.eks.amazonaws.com/serviceaccount/eks-pod-identity-token',
  '/var/run/secrets/azure/tokens/azure-identity-token',
];
const VARIABLES: readonly string[] = [
  'AWS_WEB_IDENTITY_TOKEN_FILE',
  'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE',
  'AZURE_FEDERATED_TOKEN_FILE',
];

/** Base URL of the metadata server of Google Cloud, which gives a pod's identity to all of its containers. */
const METADATA_SERVER = 'http://169.254.169.254';
const METADATA_TIMEOUT_MS = 2000;

/**
 * Refuses to start an agent in a container that has an identity in a cloud or in the cluster. A webhook that
 * ignores the annotations of the pod would put one there.
 * @param account the service account that the team chose for the pod. Only then is the metadata server asked.
 * @throws StepFailure that names the token.
 */
export async function refuseIdentity(
  env: NodeJS.ProcessEnv,
  account: string | undefined,
  metadataServer: string = METADATA_SERVER,
): Promise<void> {
  const named = VARIABLES.flatMap((name) => env[name] ?? []);
  for (const file of [...TOKENS, ...named]) {
    if (!(await isReadable(file))) continue;
    const message = `The agent's container has a token, ${file}, and agents may hold none. A webhook of the cluster put it there: make it skip the container main, or remove environment.serviceAccountName.`;
    throw new StepFailure(message, EXIT.invalid);
  }
  if (account === undefined || !(await answers(metadataServer))) return;
  const message = `The cluster's metadata server gives the cloud identity of the service account ${account} to the agent's container. Forbid ${new URL(metadataServer).host} to the team's pods by a network policy (networkPolicy.enabled of the chart), or remove environment.serviceAccountName.`;
  throw new StepFailure(message, EXIT.invalid);
}

async function isReadable(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

/** Whether a metadata server of Google Cloud names an account for this pod. */
async function answers(server: string): Promise<boolean> {
  const url = `${server}/computeMetadata/v1/instance/service-accounts/default/email`;
  try {
    const reply = await fetch(url, {
      headers: { 'metadata-flavor': 'Google' },
      signal: AbortSignal.timeout(METADATA_TIMEOUT_MS),
    });
    await reply.body?.cancel();
    return reply.ok;
  } catch {
    return false;
  }
}
