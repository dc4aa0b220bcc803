import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cluster } from './cluster.ts';

/** Path of a kubeconfig with the token of a service account, and so with only its rights. */
export async function kubeconfigOfAccount(
  cluster: Cluster,
  namespace: string,
  account: string,
): Promise<string> {
  const token = (await cluster.kubectl('create', 'token', account, `-n=${namespace}`)).trim();
  const path = join(cluster.directory, `${namespace}-${account}.kubeconfig`);
  writeFileSync(
    path,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [
        { name: 'c', cluster: { server: cluster.server, 'insecure-skip-tls-verify': true } },
      ],
      users: [{ name: 'u', user: { token } }],
      contexts: [{ name: 'c', context: { cluster: 'c', user: 'u', namespace } }],
      'current-context': 'c',
    }),
  );
  return path;
}
