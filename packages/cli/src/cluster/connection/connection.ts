import type { KubeConfig } from '@kubernetes/client-node';
import { usageError } from '../../failure.ts';
import { readKubeconfig } from './kubeconfig.ts';

/** Which cluster, as kubectl is told. */
export interface ClusterChoice {
  /** Path of a kubeconfig; absent: `KUBECONFIG`, `~/.kube/config`, or the pod that this runs in. */
  readonly kubeconfig?: string;
  readonly context?: string;
  /** Absent: that of the context, else `default`. */
  readonly namespace?: string;
}

/** A cluster's API server, who speaks to it, and in which namespace. */
export interface Connection {
  readonly config: KubeConfig;
  readonly namespace: string;
  /** Base URL of the API server. */
  readonly server: string;
}

const FALLBACK_NAMESPACE = 'default';

/** @throws Failure for a file or context that is not there. Nothing is asked of the cluster yet. */
export function connect(choice: ClusterChoice): Connection {
  const config = readKubeconfig(choice.kubeconfig, process.env['KUBECONFIG']);
  if (choice.context !== undefined) useContext(config, choice.context);
  const context = config.getContextObject(config.getCurrentContext());
  const server = config.getCurrentCluster()?.server;
  if (server === undefined) {
    throw usageError(
      'the kubeconfig has no current context with a cluster',
      `Name one with --context: ${names(config)}`,
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
    throw usageError(`--context ${context}: there is none of that name`, `Known: ${names(config)}`);
  }
  config.setCurrentContext(context);
}

function names(config: KubeConfig): string {
  return (
    config
      .getContexts()
      .map(({ name }) => name)
      .join(', ') || 'none at all'
  );
}
