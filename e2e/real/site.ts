import { mkdtempSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { Cluster } from '../controller/cluster.ts';

/** The cluster under test. */
export interface Site {
  readonly cluster: Cluster;
  readonly image: { readonly repository: string; readonly tag: string };
  /** A ReadWriteMany storage class; if absent, volumes are directories on the only node. */
  readonly storageClass: string | undefined;
  /** Value of `teams.runtimeInjection`; if absent, the chart's default. */
  readonly runtimeInjection: string | undefined;
  /** Whether Argo's containers comply with the Pod Security Standard `restricted`. */
  readonly restricted: boolean;
}

/**
 * Reads the cluster under test from the environment:
 * - `AGENTTEAM_E2E_KUBECONFIG`: an administrator's kubeconfig; default: that of e2e/testcluster/up
 * - `AGENTTEAM_E2E_IMAGE`: the product's image, which the nodes have or can pull
 * - `AGENTTEAM_E2E_STORAGE_CLASS`: a ReadWriteMany class; without it, the cluster must have one node
 * - `AGENTTEAM_E2E_INJECTION`: how the runtime gets into pods; `image-volume` needs volumes of the type image
 * @throws Error naming what is missing on the cluster and how to get it.
 */
export async function openSite(env: NodeJS.ProcessEnv = process.env): Promise<Site> {
  const kubeconfig =
    env['AGENTTEAM_E2E_KUBECONFIG'] ??
    join(env['TESTCLUSTER_HOME'] ?? join(homedir(), '.cache/testcluster'), 'run/admin.kubeconfig');
  const image = env['AGENTTEAM_E2E_IMAGE'] ?? 'localhost/agentteam:dev';
  const [, repository = image, tag = 'latest'] = /^(.+):([^:/]+)$/.exec(image) ?? [];
  const cluster = new Cluster(mkdtempSync(join(tmpdir(), 'agentteam-real-')), {
    server: '',
    kubeconfig,
    kubeconfigOf: () => kubeconfig,
    stop: () => Promise.resolve(),
  });
  const argo = await cluster
    .kubectl(
      ...['get', 'deployments', '-A', '-o'],
      'jsonpath={range .items[*].spec.template.spec.containers[*]}{.image}{"\\n"}{end}',
    )
    .catch((cause: Error) => {
      const wayOut = 'Start one with e2e/testcluster/up, or name it in AGENTTEAM_E2E_KUBECONFIG.';
      throw new Error(`no cluster answers at ${kubeconfig}. ${wayOut}\n${cause.message}`);
    });
  if (!argo.includes('workflow-controller')) {
    throw new Error(
      'Argo Workflows 4 is not installed there: see https://argo-workflows.readthedocs.io/en/latest/quick-start/',
    );
  }
  const executor = await cluster.kubectl(
    ...['get', 'configmaps', '-A', '--field-selector=metadata.name=workflow-controller-configmap'],
    ...['-o', 'jsonpath={.items[*].data.executor}'],
  );
  return {
    cluster,
    image: { repository, tag },
    storageClass: env['AGENTTEAM_E2E_STORAGE_CLASS'],
    runtimeInjection: env['AGENTTEAM_E2E_INJECTION'],
    restricted: executor.includes('allowPrivilegeEscalation: false'),
  };
}

/** Path of the Argo CLI: `AGENTTEAM_E2E_ARGO`, or `argo` on PATH. */
export function argoProgram(): string {
  return process.env['AGENTTEAM_E2E_ARGO'] ?? 'argo';
}

/** Runs the Argo CLI on the cluster. @returns its output. */
export function argo(site: Site, ...args: readonly string[]): Promise<string> {
  return argoWith(site, '', ...args);
}

/** Runs the Argo CLI with a text as its standard input. */
export async function argoWith(
  site: Site,
  input: string,
  ...args: readonly string[]
): Promise<string> {
  const { all } = await execa(argoProgram(), [...args], {
    all: true,
    input,
    env: { KUBECONFIG: site.cluster.kubeconfig },
  });
  return all;
}
