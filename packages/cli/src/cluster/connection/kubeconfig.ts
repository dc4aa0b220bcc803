import { existsSync } from 'node:fs';
import { delimiter } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { usageError } from '../../failure.ts';
import { oneLine } from '../../output/terminal/safe.ts';

/** Values that the client generates when it finds no kubeconfig. */
const GENERATED = { context: 'loaded-context', server: 'http://localhost:8080' };
const HINT = 'Use --kubeconfig or KUBECONFIG to choose a file.';

/**
 * Reads the configuration that kubectl would use.
 * @param path value of `--kubeconfig`; only this file is read.
 * @param variable value of `KUBECONFIG`: a list of files that are merged as kubectl merges them. Without
 * it the configuration comes from `~/.kube/config`, or from the service account of this pod.
 * @throws Failure when there is no kubeconfig, or it cannot be read.
 */
export function readKubeconfig(path: string | undefined, variable = ''): KubeConfig {
  const config = find(path, variable);
  // The client requires this setting for a server without TLS.
  config.clusters = config.clusters.map((cluster) =>
    cluster.server.startsWith('http:') ? { ...cluster, skipTLSVerify: true } : cluster,
  );
  return config;
}

function find(path: string | undefined, variable: string): KubeConfig {
  if (path !== undefined) {
    if (!existsSync(path)) throw usageError(`--kubeconfig ${path}: the file does not exist`);
    return load(`--kubeconfig ${path}`, (config) => config.loadFromFile(path));
  }
  const named = variable.split(delimiter).filter((file) => file !== '');
  if (named.length > 0) {
    const files = named.filter((file) => existsSync(file));
    if (files.length === 0) {
      throw usageError(`KUBECONFIG=${variable}: the file does not exist`, HINT);
    }
    return merge(
      files.map((file) => load(`KUBECONFIG: ${file}`, (config) => config.loadFromFile(file))),
    );
  }
  const config = load('~/.kube/config', (one) => one.loadFromDefault());
  const server = config.getCurrentCluster()?.server;
  if (config.getCurrentContext() === GENERATED.context && server === GENERATED.server) {
    throw usageError('no kubeconfig found in KUBECONFIG or ~/.kube/config', HINT);
  }
  return config;
}

function load(what: string, into: (config: KubeConfig) => void): KubeConfig {
  const config = new KubeConfig();
  try {
    into(config);
    return config;
  } catch (error) {
    // The other lines of the message quote the file, which may contain control characters.
    const [reason = ''] = (error as Error).message.split('\n');
    throw usageError(`${what} is not a kubeconfig: ${oneLine(reason)}`, HINT);
  }
}

/** Merges configurations. The first entry for each name and the first current context win. */
function merge(configs: readonly KubeConfig[]): KubeConfig {
  const config = new KubeConfig();
  config.loadFromOptions({
    clusters: firsts(configs.map(({ clusters }) => clusters)),
    users: firsts(configs.map(({ users }) => users)),
    contexts: firsts(configs.map(({ contexts }) => contexts)),
    currentContext: configs.map(({ currentContext }) => currentContext).find((name) => name) ?? '',
  });
  return config;
}

/** Keeps the first entry for each name. */
function firsts<Named extends { readonly name: string }>(
  lists: readonly (readonly Named[])[],
): Named[] {
  const byName = new Map<string, Named>();
  for (const one of lists.flat()) if (!byName.has(one.name)) byName.set(one.name, one);
  return [...byName.values()];
}
