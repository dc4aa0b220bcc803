import { AuthenticationV1Api } from '@kubernetes/client-node';
import type { Connection } from './connection.ts';

/**
 * Who the API server takes the caller for. One that does not say (before 1.28) leaves the name that
 * the kubeconfig gives its user.
 */
export async function whoAmI({ config }: Connection): Promise<string | undefined> {
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
  try {
    const api = config.makeApiClient(AuthenticationV1Api);
    const { status } = await api.createSelfSubjectReview({ body });
    return status?.userInfo?.username;
  } catch {
    return config.getCurrentUser()?.name;
  }
}
