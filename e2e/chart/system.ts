import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../packages/runner/test/support/free-port.ts';
import { kubeconfigOfAccount } from '../controller/account.ts';
import type { Cluster, Ref, Stored } from '../controller/cluster.ts';
import { ControllerProcess } from '../controller/process.ts';
import { CHART, helm, RELEASE, SYSTEM, type Values } from './helm.ts';

const KINDS = ['agentteams', 'agentteamtemplates', 'agentteamruns'].map(
  (plural) => `${plural}.claude.amcheste.io`,
);
const WEBHOOK = `${RELEASE}-webhook`;

export const secretRef: Ref = {
  apiVersion: 'v1',
  kind: 'Secret',
  name: WEBHOOK,
  namespace: SYSTEM,
};

export function webhookRef(kind: 'Mutating' | 'Validating'): Ref {
  const apiVersion = 'admissionregistration.k8s.io/v1';
  return { apiVersion, kind: `${kind}WebhookConfiguration`, name: WEBHOOK };
}

/** Lets the release adopt the existing custom resource definitions, as docs/chart.md describes. */
export async function handOverKinds(cluster: Cluster): Promise<void> {
  const release = 'meta.helm.sh/release';
  await cluster.kubectl(
    ...['annotate', 'crd', ...KINDS],
    ...[`${release}-name=${RELEASE}`, `${release}-namespace=${SYSTEM}`],
  );
  await cluster.kubectl('label', 'crd', ...KINDS, 'app.kubernetes.io/managed-by=Helm');
}

/** Runs `helm install`, `upgrade` or `uninstall` on a real API server. No node can run the hooks. */
export function release(
  cluster: Cluster,
  verb: 'install' | 'upgrade' | 'uninstall',
  values: Values = {},
): Promise<string> {
  const where = [`--kubeconfig=${cluster.kubeconfig}`, '-n', SYSTEM];
  return verb === 'uninstall'
    ? helm([verb, RELEASE, '--no-hooks', ...where])
    : helm([verb, RELEASE, CHART, ...where], values);
}

/**
 * Starts the installed controller as a process. The API server cannot reach pods, so the webhook's
 * Service points to this machine; everything else is as installed.
 */
export async function startInstalled(
  cluster: Cluster,
  env: Readonly<Record<string, string>> = {},
): Promise<ControllerProcess> {
  const port = await freePort();
  const service = { type: 'ExternalName', externalName: '127.0.0.1', clusterIP: null };
  await cluster.patch({ ...secretRef, kind: 'Service' }, { spec: service });
  for (const kind of ['Mutating', 'Validating'] as const) {
    const ref = webhookRef(kind);
    const { webhooks } = (await cluster.get(ref)) as Stored & {
      readonly webhooks: readonly Webhook[];
    };
    await cluster.patch(ref, {
      webhooks: webhooks.map((one) => ({
        ...one,
        clientConfig: { ...one.clientConfig, service: { ...one.clientConfig.service, port } },
      })),
    });
  }
  return runInstalled(cluster, { AGENTTEAM_WEBHOOK_PORT: String(port), ...env });
}

/**
 * Starts the installed controller as its Deployment would: with its service account's token, the
 * environment from the chart, and the webhook's certificate from its Secret.
 */
export async function runInstalled(
  cluster: Cluster,
  env: Readonly<Record<string, string>>,
): Promise<ControllerProcess> {
  const account = `${RELEASE}-controller`;
  const deployment = await cluster.get({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    name: account,
    namespace: SYSTEM,
  });
  const [container] = deployment?.spec.template.spec.containers ?? [];
  const given = (container.env as readonly { name: string; value?: string }[]).flatMap(
    ({ name, value }) =>
      value === undefined || name === 'AGENTTEAM_METRICS_PORT' ? [] : [[name, value]],
  );
  const certificates = join(cluster.directory, 'webhook certificates');
  await writeCertificates(cluster, certificates);
  return ControllerProcess.start(await kubeconfigOfAccount(cluster, SYSTEM, account), {
    ...Object.fromEntries(given),
    AGENTTEAM_WEBHOOK_CERTIFICATES: certificates,
    AGENTTEAM_LOG_LEVEL: 'debug',
    POD_NAMESPACE: SYSTEM,
    ...env,
  });
}

interface Webhook {
  readonly clientConfig: { readonly service: object; readonly caBundle: string };
}

async function writeCertificates(cluster: Cluster, directory: string): Promise<void> {
  const { data } = (await cluster.get(secretRef)) as Stored & {
    readonly data: Readonly<Record<string, string>>;
  };
  mkdirSync(directory, { recursive: true });
  for (const [name, value] of Object.entries(data)) {
    writeFileSync(join(directory, name), Buffer.from(value, 'base64'));
  }
}
