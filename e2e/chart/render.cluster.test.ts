import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { execa } from 'execa';
import { parse } from 'yaml';
import { compileOptions, readConfig } from '../../packages/controller/src/config.ts';
import { CONTROLLER } from '../../packages/runner/test/support/programs.ts';
import { CHART, find, helm, manifests, refusal, render, SYSTEM, type Values } from './helm.ts';
import { granted } from './rights.ts';
import { VALUE_SETS } from './value-sets.ts';

const crds = join(CHART, '../../crds');
const parsed = (path: string) => parse(readFileSync(path, 'utf8'), { merge: true });

test('helm lint reports no problem', async () => {
  expect(await helm(['lint', '--strict', CHART])).toContain('0 chart(s) failed');
});

test('a packaged chart contains the custom resource definitions, not a link to them', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'agentteam chart '));
  try {
    await helm(['package', CHART, '--destination', directory]);
    const [archive = ''] = readdirSync(directory);
    const objects = await render({}, join(directory, archive));
    const packaged = objects.filter(({ kind }) => kind === 'CustomResourceDefinition');
    const own = readdirSync(crds).map((file) => parsed(join(crds, file)));
    expect(packaged.map(({ spec }) => spec)).toEqual(own.map(({ spec }) => spec));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});

test('two releases in one namespace have different Leases', async () => {
  const leases = ['agentteam', 'reports'].map(async (name) => {
    const objects = manifests(
      await helm(['template', name, CHART, '-n', SYSTEM, '--kube-version', '1.34.0']),
    );
    const { env } = find(objects, 'Deployment').spec.template.spec.containers[0];
    const given = (env as readonly { name: string; value?: string }[]).map(
      ({ name, value = '' }) => [name, value],
    );
    const { leaseName } = readConfig(Object.fromEntries(given));
    const granting = objects.filter(({ kind }) => kind === 'Role').flatMap(granted);
    expect(granting).toContain(`update coordination.k8s.io/leases ${leaseName}`);
    return leaseName;
  });
  expect(await Promise.all(leases)).toEqual([
    'agentteam-controller',
    'reports-agentteam-controller',
  ]);
});

test('Services of the namespace do not set variables of the controller', async () => {
  const [deployment] = (await render({})).filter(({ kind }) => kind === 'Deployment');
  expect(deployment?.spec.template.spec.enableServiceLinks).toBe(false);
});

/** The path of every key, except within lists. */
function paths(node: unknown, at = ''): readonly string[] {
  if (typeof node !== 'object' || node === null || Array.isArray(node)) return [];
  return Object.entries(node).flatMap(([key, value]) => [
    `${at}.${key}`,
    ...paths(value, `${at}.${key}`),
  ]);
}

interface Schema {
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: unknown;
}

test('values.yaml and the schema have the same values', () => {
  const schema: Schema & { readonly definitions: Readonly<Record<string, Schema>> } = parsed(
    join(CHART, 'values.schema.json'),
  );
  const open: string[] = [];
  const known = (node: Schema, at: string): readonly string[] => {
    const { properties, additionalProperties } = node.$ref
      ? (schema.definitions[node.$ref.slice('#/definitions/'.length)] as Schema)
      : node;
    if (properties === undefined) return [];
    if (additionalProperties !== false) open.push(at);
    return Object.entries(properties).flatMap(([key, value]) => [
      `${at}.${key}`,
      ...known(value, `${at}.${key}`),
    ]);
  };
  const inSchema = known(schema, '').filter((path) => path !== '.global');
  const inValues = paths(parsed(join(CHART, 'values.yaml')));
  expect(inSchema.filter((path) => !inValues.includes(path))).toEqual([]);
  const free = /^\.(controller\.resources|ui\.resources|metrics\.dashboard\.labels)\./;
  expect(inValues.filter((path) => !inSchema.includes(path) && !free.test(path))).toEqual([]);
  expect(open).toEqual([]);
});

const refused: readonly (readonly [Values, string])[] = [
  [{ image: { tag: 1 } }, "at '/image/tag': got number, want string"],
  [{ image: { tga: 'x' } }, "at '/image': additional properties 'tga' not allowed"],
  [{ image: { digest: 'sha256:1' } }, "at '/image/digest'"],
  [{ controller: { replicas: -1 } }, "at '/controller/replicas': minimum: got -1, want 0"],
  [{ controller: { logLevel: 'loud' } }, "'debug', 'info', 'warn', 'error'"],
  [{ watch: { namespaces: 'team-a' } }, "at '/watch/namespaces': got string, want array"],
  [{ teams: { volumeSize: 'large' } }, "at '/teams/volumeSize'"],
  [{ teams: { executorServiceAccount: '' } }, "at '/teams/executorServiceAccount'"],
  [{ webhook: { failurePolicy: 'Maybe' } }, "value must be one of 'Fail', 'Ignore'"],
  [{ webhook: { certificate: { source: 'cert-manager' } } }, 'set webhook.certificate.issuer.name'],
  [
    { webhook: { certificate: { source: 'secret', secretName: 'tls' } } },
    'set webhook.certificate.secretName and webhook.certificate.caBundle',
  ],
  [{ notifications: { mail: { from: 'a@acme.example' } } }, 'notifications.mail: set both'],
  [{ argo: { serverUrl: 'argo-server:2746' } }, "at '/argo/serverUrl'"],
  [
    { argo: { serverUrl: 'http://argo-server:2746', serverCaConfigMap: 'ca' } },
    'argo.serverCaConfigMap',
  ],
  [{ serviceAccount: { create: false } }, 'serviceAccount.name'],
  [{ controller: { image: { tag: '2' } } }, 'set controller.image.repository too'],
  [
    { podDisruptionBudget: { minAvailable: 2 } },
    'podDisruptionBudget.minAvailable (2) must be less than controller.replicas (2)',
  ],
  [{ networkPolicy: { enabled: true } }, 'networkPolicy.namespaces or watch.namespaces'],
  [
    { networkPolicy: { enabled: true, namespaces: ['a'] } },
    "list the API server's addresses in networkPolicy.kubernetesApi.cidrs",
  ],
  [{ networkPolicy: { api: { cidrs: ['1.2.3.4'] } } }, "at '/networkPolicy/api/cidrs/0'"],
  [{ networkPolicy: { extra: [{ hosts: ['a.example'] }] } }, "missing property 'ports'"],
  [{ ui: { auth: { mode: 'none' } } }, "value must be one of 'token', 'proxy'"],
  [{ ui: { allowedHosts: ['https://agents.example.com'] } }, "at '/ui/allowedHosts/0'"],
  [
    { ui: { enabled: true, auth: { mode: 'proxy' } } },
    'set ui.auth.proxy.secretName or ui.auth.proxy.clientCaSecretName',
  ],
  [
    { ui: { enabled: true, auth: { mode: 'proxy', proxy: { clientCaSecretName: 'ca' } } } },
    'set ui.tls.secretName',
  ],
  [{ ui: { enabled: true, ingress: { enabled: true } } }, 'set ui.ingress.host'],
  [
    { ui: { enabled: true, httpRoute: { enabled: true, hostname: 'a.example' } } },
    'set ui.httpRoute.hostname and ui.httpRoute.parentRefs',
  ],
  [
    { ui: { enabled: true, networkPolicy: { enabled: true } } },
    'networkPolicy.kubernetesApi.cidrs',
  ],
  [{ metrics: { serviceMonitor: { interval: 30 } } }, "at '/metrics/serviceMonitor/interval'"],
];

test.each(refused)('%j is refused with a message that names the value', async (values, message) => {
  expect(await refusal(values)).toContain(message);
});

test('a release name that is not valid for a Service is refused', async () => {
  const template = (name: string) => helm(['template', name, CHART, '--kube-version', '1.34.0']);
  await expect(template('1st')).rejects.toThrow('it must begin with a letter');
  expect(await template('a'.repeat(53))).toContain('kind: Service');
});

test('the controller documents every variable that the chart sets', async () => {
  const { stdout: help } = await execa(process.execPath, [CONTROLLER, '--help']);
  const known = new Set(help.match(/\b((AGENTTEAM|POD|NODE)_\w+|[A-Z]+_PROXY)/g));
  for (const values of Object.values(VALUE_SETS)) {
    const deployment = find(await render(values), 'Deployment');
    const [{ env }] = deployment.spec.template.spec.containers;
    const names: readonly string[] = env.map((one: { readonly name: string }) => one.name);
    expect(names.filter((one) => !known.has(one))).toEqual([]);
  }
});

test('the controller can have an image of its own', async () => {
  const images = async (values: Values) => {
    const [{ image, env }] = find(await render(values), 'Deployment').spec.template.spec.containers;
    const named = env.find((one: { readonly name: string }) => one.name === 'AGENTTEAM_IMAGE');
    return [image, named.value];
  };
  const image = { repository: 'r.example/agentteam', tag: '1' };
  const repository = 'r.example/agentteam-controller';
  expect(await images({ image })).toEqual(['r.example/agentteam:1', 'r.example/agentteam:1']);
  expect(await images({ image, controller: { image: { repository } } })).toEqual([
    'r.example/agentteam-controller:1',
    'r.example/agentteam:1',
  ]);
});

test('the values for team pods become compile options', async () => {
  const objects = await render(VALUE_SETS['every value']);
  const [{ env }] = find(objects, 'Deployment').spec.template.spec.containers;
  const given = env.map((one: { name: string; value?: string }) => [one.name, one.value]);
  expect(compileOptions(readConfig(Object.fromEntries(given)))).toMatchObject({
    containers: {
      image: `ghcr.io/amcheste/agentteam@sha256:${'0'.repeat(64)}`,
      agentResources: { requests: { memory: '1Gi' } },
      stepResources: { limits: { memory: '512Mi' } },
    },
    pods: {
      imagePullSecrets: ['registry'],
      nodeSelector: { pool: 'agents' },
      tolerations: [{ key: 'agents', operator: 'Exists' }],
      affinity: { nodeAffinity: {} },
      priorityClassName: 'agents',
      runtimeClassName: 'gvisor',
      podLabels: { 'cost-center': '42' },
      podAnnotations: { 'sidecar.istio.io/inject': 'false' },
    },
    storage: { storageClass: 'efs', volumeSize: '20Gi' },
    network: {
      trustConfigMap: 'company-ca',
      hostingUrl: 'https://git.example.com/api/v3',
      allowPrivateWebhooks: 'proxied',
      proxy: {
        https: 'http://proxy.acme.example:3128/',
        exceptions: expect.stringMatching(/^\.svc,10\.0\.0\.0\/8,/),
      },
    },
    api: {
      apiUrl: 'http://llm-gateway.internal:8080/{agent}',
      apiFeatures: ['web_fetch_20250910', 'mcp_servers'],
      pricesConfigMap: 'prices',
    },
    controller: { admission: true },
  });
});

test('the page is installed only on request, restricted and read-only', async () => {
  expect((await render({})).filter(({ metadata }) => metadata?.name === 'agentteam-ui')).toEqual(
    [],
  );
  const { template } = find(
    await render({ ui: { enabled: true } }),
    'Deployment',
    'agentteam-ui',
  ).spec;
  expect(template.spec.securityContext).toMatchObject({
    runAsNonRoot: true,
    seccompProfile: { type: 'RuntimeDefault' },
  });
  const [{ args, securityContext }] = template.spec.containers;
  expect(securityContext).toEqual({
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  });
  expect(args).not.toContain('--actions');
});

test('the page has the rights of its mode and no others', async () => {
  const rights = async (auth: Values) =>
    granted(find(await render({ ui: { enabled: true, auth } }), 'ClusterRole', 'agentteam-ui'));
  expect(await rights({})).toEqual(['create authentication.k8s.io/tokenreviews *']);
  const proxy = (values: Values) =>
    rights({ mode: 'proxy', proxy: { secretName: 'proxy', ...values } });
  expect(await proxy({})).toEqual(['impersonate users *']);
  expect(await proxy({ users: ['ada'], groups: ['writers'] })).toEqual([
    'impersonate groups writers',
    'impersonate users ada',
  ]);
  expect(await proxy({ groups: ['*'] })).toEqual(['impersonate groups *', 'impersonate users *']);
});

test('the right to update Workflows is granted only with argo.serverUrl', async () => {
  const verbs = async (values: Values) => {
    const role = find(await render(values), 'ClusterRole', 'agentteam-controller');
    return granted(role).filter((right) => right === 'update argoproj.io/workflows *');
  };
  expect(await verbs({})).toEqual([]);
  const argo = { serverUrl: 'http://argo-server.argo:2746' };
  expect(await verbs({ argo })).toHaveLength(1);
});

test('the NetworkPolicy allows only the listed destinations', async () => {
  const objects = await render(VALUE_SETS['every value']);
  const policies = objects.filter(({ kind }) => kind === 'NetworkPolicy');
  expect(policies.map(({ metadata }) => metadata?.namespace)).toEqual(['team-a', 'team-b']);
  const tcp = (...ports: readonly number[]) => ports.map((port) => ({ protocol: 'TCP', port }));
  const block = (cidr: string, ...except: readonly string[]) => ({
    ipBlock: { cidr, ...(except.length > 0 && { except }) },
  });
  const [dns, ...rest] = policies[0]?.spec.egress ?? [];
  expect(dns.ports).toEqual([{ protocol: 'UDP', port: 53 }, ...tcp(53)]);
  expect(rest).toEqual([
    { to: [block('10.96.0.1/32'), block('192.168.0.10/32')], ports: tcp(443, 6443) },
    { to: [block('160.79.104.0/23'), block('2607:6bc0::/48')], ports: tcp(443) },
    {
      to: [
        block(
          '0.0.0.0/0',
          '10.0.0.0/8',
          '100.64.0.0/10',
          '169.254.0.0/16',
          '172.16.0.0/12',
          '192.168.0.0/16',
        ),
        block('::/0', 'fc00::/7', 'fe80::/10'),
      ],
      ports: tcp(22, 443),
    },
    { to: [block('10.20.0.0/16')], ports: tcp(443, 8443) },
    { to: [block('10.30.0.5/32')], ports: tcp(4873) },
  ]);
});

test('the Cilium policy uses host names', async () => {
  const policy = find(await render(VALUE_SETS['Cilium with host names']), 'CiliumNetworkPolicy');
  const names = policy.spec.egress.flatMap(
    (rule: { readonly toFQDNs?: readonly object[] }) => rule.toFQDNs ?? [],
  );
  expect(names).toEqual([
    { matchName: 'api.anthropic.com' },
    { matchName: 'git.acme.example' },
    { matchPattern: '*.mcp.acme.example' },
    { matchName: 'packages.example.com' },
  ]);
});
