import { AuthenticationV1Api, type KubeConfig } from '@kubernetes/client-node';
import { usageError } from '../../failure.ts';
import { readKubeconfig } from './kubeconfig.ts';

/** Options that select a cluster and a namespace, as for kubectl. */
export interface ClusterChoice {
  /** Path of a kubeconfig; absent for `KUBECONFIG`, `~/.kube/config`, or the service account of this pod. */
  readonly kubeconfig?: string;
  readonly context?: string;
  /** Absent for the namespace of the context, or `default`. */
  readonly namespace?: string;
}

/** A connection to the API server of a cluster, with credentials and a namespace. */
export interface Connection {
  readonly config: KubeConfig;
  readonly namespace: string;
  /** Base URL of the API server. */
  readonly server: string;
}

const FALLBACK_NAMESPACE = 'default';

/**
 * Reads the kubeconfig. Sends no request to the cluster.
 * @throws Failure when the file or the context does not exist.
 */
export function connect(choice: ClusterChoice): Connection {
  const config = readKubeconfig(choice.kubeconfig, process.env['KUBECONFIG']);
  if (choice.context !== undefined) useContext(config, choice.context);
  const context = config.getContextObject(config.getCurrentContext());
  const server = config.getCurrentCluster()?.server;
  if (server === undefined) {
    throw usageError(
      'the kubeconfig has no current context with a cluster',
      `Use --context to choose one of: ${names(config)}`,
    );
  }
  return {
    config,
    server,
    namespace: choice.namespace ?? context?.namespace ?? FALLBACK_NAMESPACE,
  };
}

function useContext(config: KubeConfig, context: string): void {
  if (config.getContextObject(context) === null) {
    throw usageError(
      `--context ${context}: the kubeconfig has no such context`,
      `Its contexts: ${names(config)}`,
    );
  }
  config.setCurrentContext(context);
}

function names(config: KubeConfig): string {
  return (
    config
      .getContexts()
      .map(({ name }) => name)
      .join(', ') || '(none)'
  );
}

/**
 * The name by which the API server knows the caller. A server before Kubernetes 1.28 cannot tell; the
 * result is then the user's name in the kubeconfig.
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
