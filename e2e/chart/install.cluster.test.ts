import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { freePort } from '../../packages/runner/test/support/free-port.ts';
import { Cluster, type Ref, type Stored } from '../controller/cluster.ts';
import type { ControllerProcess } from '../controller/process.ts';
import { RELEASE, render, renderHooks, SYSTEM } from './helm.ts';
import { handOverKinds, release, secretRef, startInstalled, webhookRef } from './system.ts';
import { VALUE_SETS } from './value-sets.ts';

const KIND: Ref = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  name: 'agentteams.claude.amcheste.io',
};
/** Kinds of other products that the chart uses. */
const FOREIGN = [
  ['monitoring.coreos.com', 'v1', 'ServiceMonitor'],
  ['monitoring.coreos.com', 'v1', 'PodMonitor'],
  ['cert-manager.io', 'v1', 'Certificate'],
  ['gateway.networking.k8s.io', 'v1', 'HTTPRoute'],
] as const;
let cluster: Cluster;

beforeAll(async () => {
  cluster = await Cluster.start();
  for (const namespace of [SYSTEM, 'team-a', 'team-b']) await cluster.namespace(namespace);
  for (const [group, version, kind] of FOREIGN)
    await cluster.apply(definition(group, version, kind));
  await cluster.apply(
    definition('cilium.io', 'v2', 'CiliumNetworkPolicy', 'ciliumnetworkpolicies'),
  );
  await cluster.kindsEstablished();
  await handOverKinds(cluster);
});
afterAll(async () => {
  await cluster?.stop();
});

function definition(
  group: string,
  name: string,
  kind: string,
  plural = `${kind.toLowerCase()}s`,
): Stored {
  const spec = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  const schema = { type: 'object', properties: { spec } };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: {
      name: `${plural}.${group}`,
      // The API server requires it for the groups of Kubernetes itself.
      ...(group.endsWith('.k8s.io') && {
        annotations: {
          'api-approved.kubernetes.io': 'https://github.com/kubernetes-sigs/gateway-api',
        },
      }),
    },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind, plural, singular: kind.toLowerCase() },
      versions: [{ name, served: true, storage: true, schema: { openAPIV3Schema: schema } }],
    },
  };
}

const refOf = ({ apiVersion = '', kind = '', metadata }: Stored): Ref => ({
  apiVersion,
  kind,
  name: metadata?.name ?? '',
  ...(metadata?.namespace !== undefined && { namespace: metadata.namespace }),
});
async function absent(objects: readonly Stored[]): Promise<readonly string[]> {
  const stored = await Promise.all(objects.map((object) => cluster.get(refOf(object))));
  return objects
    .filter((_, index) => stored[index] === undefined)
    .map(({ kind, metadata }) => `${kind} ${metadata?.name}`);
}
const definitions = (objects: readonly Stored[], wanted: boolean) =>
  objects.filter(({ kind }) => (kind === KIND.kind) === wanted);

test.each(Object.keys(VALUE_SETS))('installs, upgrades and uninstalls with %s', async (name) => {
  const values = VALUE_SETS[name] ?? {};
  const objects = await render(values);
  const rendered = [...objects, ...(await renderHooks(values))];
  const file = join(cluster.directory, 'rendered.json');
  writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: rendered }));
  const strict = ['--server-side', '--force-conflicts', '--validate=strict', '--dry-run=server'];
  await cluster.kubectl('apply', ...strict, `-f=${file}`);

  await release(cluster, 'install', values);
  expect(await absent(objects)).toEqual([]);
  await release(cluster, 'upgrade', values);
  expect(await absent(objects)).toEqual([]);
  const notes = await release(cluster, 'uninstall');
  const left = await absent(objects);
  const gone = definitions(objects, false).map(({ kind, metadata }) => `${kind} ${metadata?.name}`);
  expect(left).toEqual(expect.arrayContaining(gone));
  if (values['crds'] === undefined) {
    expect(left).toHaveLength(gone.length);
    expect(notes).toContain(`[CustomResourceDefinition] ${KIND.name}`);
  } else if ((values['crds'] as { keep?: boolean }).keep === false) {
    // Wait for all of them, or the next release finds one that is being deleted.
    const kinds = definitions(objects, true).map(refOf);
    await Promise.all(kinds.map((kind) => cluster.until(kind, (now) => now === undefined)));
  }
});

test('an upgrade keeps the certificate until its Secret is deleted', async () => {
  await release(cluster, 'install');
  const first = await trusted();
  await release(cluster, 'upgrade', { controller: { replicas: 3 } });
  expect(await trusted()).toBe(first);
  await cluster.delete(secretRef);
  await release(cluster, 'upgrade');
  expect(await trusted()).not.toBe(first);
  await release(cluster, 'uninstall');
});

/** The certificate authority that both webhooks trust. It signed the certificate. */
async function trusted(): Promise<string> {
  const { data } = (await cluster.get(secretRef)) as Stored & {
    readonly data: Readonly<Record<string, string>>;
  };
  const bundles = await Promise.all(
    (['Mutating', 'Validating'] as const).map(async (kind) => {
      const { webhooks } = (await cluster.get(webhookRef(kind))) as Stored & {
        readonly webhooks: readonly { readonly clientConfig: { readonly caBundle: string } }[];
      };
      return webhooks.map(({ clientConfig }) => clientConfig.caBundle);
    }),
  );
  expect(new Set(bundles.flat())).toEqual(new Set([data['ca.crt']]));
  return data['ca.crt'] ?? '';
}

test('the installed controller leads with the rights of the chart, and presents its certificate', async () => {
  await release(cluster, 'install');
  let controller: ControllerProcess | undefined;
  try {
    const port = String(await freePort());
    controller = await startInstalled(cluster, { AGENTTEAM_WEBHOOK_PORT: port });
    expect(await presented(Number(port), await trusted())).toBe(
      `DNS:${RELEASE}-webhook.${SYSTEM}.svc`,
    );
  } finally {
    await controller?.stop();
  }
  expect(controller?.log).not.toContain('forbidden');
  await release(cluster, 'uninstall');
});

/** The names of the webhook's certificate. @throws Error when `ca` has not signed it. */
function presented(port: number, ca: string): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const servername = `${RELEASE}-webhook.${SYSTEM}.svc`;
    const options = { host: '127.0.0.1', port, servername, ca: Buffer.from(ca, 'base64') };
    const socket = connect(options, () => {
      resolve(socket.getPeerCertificate().subjectaltname);
      socket.end();
    });
    socket.once('error', reject);
  });
}
