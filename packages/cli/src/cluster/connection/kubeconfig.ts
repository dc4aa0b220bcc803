import { existsSync } from 'node:fs';
import { delimiter } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { usageError } from '../../failure.ts';
import { oneLine } from '../../output/terminal/safe.ts';

/** What the client makes up where it finds nothing. */
const MADE_UP = { context: 'loaded-context', server: 'http://localhost:8080' };
const WAY_OUT = 'Name one with --kubeconfig, or in KUBECONFIG.';

/**
 * The configuration that kubectl would use.
 * @param path that of `--kubeconfig`: it, and no other.
 * @param variable `KUBECONFIG`: files of which those that are not there are left out, and of what several
 * say the first counts. Without it, `~/.kube/config`, else the account of the pod that this runs in.
 * @throws Failure where there is none, or it cannot be read.
 */
export function readKubeconfig(path: string | undefined, variable = ''): KubeConfig {
  const config = find(path, variable);
  // There is no TLS to verify, and the client wants to be told so.
  config.clusters = config.clusters.map((cluster) =>
    cluster.server.startsWith('http:') ? { ...cluster, skipTLSVerify: true } : cluster,
  );
  return config;
}

function find(path: string | undefined, variable: string): KubeConfig {
  if (path !== undefined) {
    if (!existsSync(path)) throw usageError(`--kubeconfig ${path}: there is no such file`);
    return load(`--kubeconfig ${path}`, (config) => config.loadFromFile(path));
  }
  const named = variable.split(delimiter).filter((file) => file !== '');
  if (named.length > 0) {
    const files = named.filter((file) => existsSync(file));
    if (files.length === 0) {
      throw usageError(`KUBECONFIG=${variable}: there is no such file`, WAY_OUT);
    }
    return merge(
      files.map((file) => load(`KUBECONFIG: ${file}`, (config) => config.loadFromFile(file))),
    );
  }
  const config = load('~/.kube/config', (one) => one.loadFromDefault());
  const server = config.getCurrentCluster()?.server;
  if (config.getCurrentContext() === MADE_UP.context && server === MADE_UP.server) {
    throw usageError('there is no kubeconfig: no KUBECONFIG, and no ~/.kube/config', WAY_OUT);
  }
  return config;
}

function load(what: string, into: (config: KubeConfig) => void): KubeConfig {
  const config = new KubeConfig();
  try {
    into(config);
    return config;
  } catch (error) {
    // Below its first line the parser draws the place, in whatever bytes the file has.
    const [reason = ''] = (error as Error).message.split('\n');
    throw usageError(`${what} is no kubeconfig: ${oneLine(reason)}`, WAY_OUT);
  }
}

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

/** Of each name the first. */
function firsts<Named extends { readonly name: string }>(
  lists: readonly (readonly Named[])[],
): Named[] {
  const byName = new Map<string, Named>();
  for (const one of lists.flat()) if (!byName.has(one.name)) byName.set(one.name, one);
  return [...byName.values()];
}
