import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { find, render, type Values } from '../chart/helm.ts';
import { Cluster } from '../controller/cluster.ts';
import { NAMESPACE, team } from '../controller/teams.ts';
import { agentteam, onCluster } from './cli.ts';

const crds = fileURLToPath(new URL('../../crds/', import.meta.url));

interface Finding {
  readonly check: string;
  readonly state: string;
  readonly message: string;
  readonly remedy?: string;
}

let cluster: Cluster;
let cli: ReturnType<typeof onCluster>;

beforeAll(async () => {
  cluster = await Cluster.start([{ name: 'guest', groups: [] }]);
  await cluster.namespace(NAMESPACE);
  cli = onCluster(cluster, NAMESPACE);
  await cluster.kubectl('apply', '--server-side', '--force-conflicts', `-f=${crds}`);
  await cluster.kindsEstablished();
});
afterAll(async () => {
  await cluster?.stop();
});

const findings = (stdout: string) => {
  const list = JSON.parse(stdout) as readonly Finding[];
  return (check: string) => list.find((one) => one.check === check);
};
const deployment = (name: string, image: string, env: readonly object[] = []) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace: 'default' },
  spec: {
    selector: { matchLabels: { name } },
    template: {
      metadata: { labels: { name } },
      spec: { containers: [{ name: 'main', image, env }] },
    },
  },
});

test('an empty cluster: doctor names what is missing and what to do', async () => {
  const { exitCode, stdout } = await cli(['doctor', '--json']);
  expect(exitCode).toBe(1);
  const found = findings(stdout);
  expect(found('api server')).toMatchObject({ state: 'ok' });
  // The test's CRDs of Argo lack those that only Argo's pods need.
  expect(found('argo kinds')).toMatchObject({
    state: 'failed',
    message: 'the cluster does not serve workflowtaskresults',
    remedy: expect.stringContaining('kubectl apply'),
  });
  expect(found('argo controller')).toMatchObject({ state: 'failed' });
  expect(found('agentteam kinds')).toMatchObject({ state: 'ok' });
  expect(found('agentteam controller')).toMatchObject({ state: 'warning' });
  expect(found('admission')).toMatchObject({ state: 'ok' });
  expect(found('shared storage')).toMatchObject({ state: 'failed' });
  expect(found('image')).toMatchObject({ state: 'unknown' });
  const text = await cli(['doctor']);
  expect(text.stdout).toContain('✗ argo controller: no Deployment runs the Argo controller');
});

test('Argo’s version, the controller and its storage for teams', async () => {
  await cluster.apply(deployment('argo', 'quay.io/argoproj/workflow-controller:v3.3.10'));
  await cluster.apply(
    deployment('controller', 'registry.test/agentteam:1', [
      { name: 'AGENTTEAM_IMAGE', value: 'registry.test/agentteam:1' },
      { name: 'AGENTTEAM_STORAGE_CLASS', value: 'shared' },
    ]),
  );
  for (const [name, provisioner] of [
    ['shared', 'efs.csi.aws.com'],
    ['single', 'ebs.csi.aws.com'],
    ['strange', 'example.com/storage'],
  ]) {
    await cluster.apply({
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name: name ?? '' },
      ...{ provisioner },
    });
  }
  await cluster.apply({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'node' },
    status: {
      images: [
        { names: null, sizeBytes: 1 },
        { names: ['registry.test/agentteam:1'], sizeBytes: 1 },
      ],
    },
  });
  await cluster.apply({
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: 'export' },
    spec: {
      storageClassName: 'by-hand',
      capacity: { storage: '10Gi' },
      accessModes: ['ReadWriteMany'],
      nfs: { server: 'nfs.test', path: '/export' },
    },
  });
  const before = findings((await cli(['doctor', '--json'])).stdout);
  expect(before('argo controller')?.message).toContain('no ready pod');
  expect(before('argo interval')).toMatchObject({
    state: 'warning',
    remedy: expect.stringContaining('deployment/argo -n default DEFAULT_REQUEUE_TIME=1s'),
  });
  await cluster.kubectl('set', 'env', 'deployment/argo', 'DEFAULT_REQUEUE_TIME=1s');
  const kubectl = (name: string) =>
    cluster.kubectl(
      ...['patch', 'deployment', name, '--subresource=status', '--type=merge'],
      '-p={"status":{"replicas":1,"readyReplicas":1,"availableReplicas":1}}',
    );
  await kubectl('argo');
  await kubectl('controller');
  const after = findings((await cli(['doctor', '--json'])).stdout);
  expect(after('argo controller')).toMatchObject({
    state: 'failed',
    message: 'Deployment default/argo has version 3.3.10, which is too old',
  });
  expect(after('argo interval')).toMatchObject({ state: 'ok', message: '1s' });
  expect(after('agentteam controller')).toMatchObject({ state: 'ok' });
  expect(after('shared storage')).toMatchObject({ state: 'ok' });
  expect(after('image')).toMatchObject({
    state: 'ok',
    message: 'registry.test/agentteam:1 is on 1 of 1 nodes',
  });
  await cluster.kubectl(
    ...['set', 'image', 'deployment/argo', 'main=quay.io/argoproj/workflow-controller:v3.7.2'],
  );
  await cluster.kubectl('set', 'env', 'deployment/controller', 'AGENTTEAM_NAMESPACES=a, b');
  const elsewhere = findings((await cli(['doctor', '--json'])).stdout);
  expect(elsewhere('argo controller')).toMatchObject({
    state: 'warning',
    remedy: 'Upgrade Argo to version 4.',
  });
  expect(elsewhere('agentteam controller')).toMatchObject({
    state: 'failed',
    message: `Deployment default/controller watches only a, b, so teams in ${NAMESPACE} stay Pending`,
  });
  await cluster.kubectl('set', 'env', 'deployment/controller', `AGENTTEAM_NAMESPACES=${NAMESPACE}`);
  const here = findings((await cli(['doctor', '--json'])).stdout);
  expect(here('agentteam controller')).toMatchObject({ state: 'ok' });
  for (const [name, state] of [
    ['single', 'failed'],
    ['strange', 'unknown'],
    ['absent', 'failed'],
    ['by-hand', 'ok'],
  ]) {
    const { stdout } = await cli(['doctor', '--json', `--storage-class=${name}`]);
    expect(findings(stdout)('shared storage')?.state).toBe(state);
  }
});

test('a policy that refuses writes of Argo’s controller', async () => {
  const examined = async () =>
    findings((await cli(['doctor', '--json'])).stdout)('gates with approvers');
  expect(await examined()).toBeUndefined();
  const guard = async (values: Values) =>
    cluster.apply(find(await render(values), 'ValidatingAdmissionPolicy'));
  await guard({});
  expect(await examined()).toMatchObject({
    state: 'failed',
    remedy: expect.stringContaining('argo.accounts={system:serviceaccount:default:default}'),
  });
  await guard({ argo: { accounts: ['system:serviceaccount:default:default'] } });
  expect(await examined()).toMatchObject({ state: 'ok' });
});

test('a namespace that enforces the standard restricted, which Argo’s containers may violate', async () => {
  const examined = async () => findings((await cli(['doctor', '--json'])).stdout)('pod security');
  const executor =
    '{securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}}';
  const configure = (data: object, name = 'workflow-controller-configmap') =>
    cluster.apply({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, namespace: 'default' },
      ...{ data },
    });
  expect(await examined()).toBeUndefined();
  const label = 'pod-security.kubernetes.io/enforce';
  await cluster.kubectl('label', 'namespace', NAMESPACE, `${label}=restricted`);
  expect(await examined()).toMatchObject({
    state: 'failed',
    remedy: `Add to the text under "executor" in Argo's ConfigMap default/workflow-controller-configmap: ${executor.slice(1, -1)}`,
  });
  await configure({ executor });
  expect(await examined()).toMatchObject({ state: 'ok' });
  await configure({ config: `executor: ${executor}` });
  expect(await examined()).toMatchObject({ state: 'ok' });
  await configure({ executor: '{securityContext: {allowPrivilegeEscalation: false}}' });
  expect(await examined()).toMatchObject({ state: 'failed' });
  await configure({ executor }, 'argo-settings');
  const container = '{"containers":[{"name":"main","args":["--configmap","argo-settings"]}]}';
  await cluster.kubectl(
    ...['patch', 'deployment', 'argo', '-p', `{"spec":{"template":{"spec":${container}}}}`],
  );
  expect(await examined()).toMatchObject({ state: 'ok' });
  await cluster.kubectl('label', 'namespace', NAMESPACE, `${label}-`);
});

test('the accounts and classes that a team’s environments name', async () => {
  await cluster.kubectl('create', 'serviceaccount', 'bedrock', '-n', NAMESPACE);
  const { metadata: _metadata, ...object } = team('placed', {
    environment: { serviceAccountName: 'bedrock', priorityClassName: 'absent' },
    lead: { prompt: 'Lead.', environment: { runtimeClassName: 'gvisor' } },
  });
  const file = stringify({ ...object, metadata: { name: 'placed' } });
  const found = findings((await cli(['doctor', '-', '--json'], file)).stdout);
  // The dry run is of this team, so that it also meets the restrictions of an installation.
  expect(found('admission')?.message).toContain('accepts the team placed');
  expect(found('service account bedrock')).toMatchObject({ state: 'ok' });
  expect(found('PriorityClass absent')).toMatchObject({ state: 'failed' });
  expect(found('RuntimeClass gvisor')).toMatchObject({
    state: 'failed',
    remedy: expect.stringContaining('kubectl get runtimeclasses'),
  });
});

test('the references of a team file: Secrets with their keys, ConfigMaps, claims', async () => {
  await cluster.kubectl(
    ...['create', 'secret', 'generic', 'misnamed', '-n', NAMESPACE],
    '--from-literal=KEY=x',
  );
  const { metadata: _metadata, ...object } = team('needy', {
    workspace: {
      inputs: [{ configMap: 'figures', mountPath: '/workspace/figures' }],
      output: { pvc: 'results' },
    },
    auth: { apiKeySecret: 'misnamed' },
    observability: { webhook: { url: 'http://127.0.0.1:9/hook', secret: 'sign' } },
  });
  const file = stringify({ ...object, metadata: { name: 'needy' } });
  const found = findings((await cli(['doctor', '-', '--json'], file)).stdout);
  expect(found('Secret misnamed')).toMatchObject({
    state: 'failed',
    message: 'has no key ANTHROPIC_API_KEY; its keys: KEY',
  });
  expect(found('Secret sign')).toMatchObject({
    state: 'failed',
    remedy: expect.stringContaining('kubectl create secret generic sign -n teams'),
  });
  expect(found('ConfigMap figures')).toMatchObject({ state: 'failed' });
  expect(found('claim results')).toMatchObject({ state: 'failed' });
  expect(found('webhook 127.0.0.1:9')).toMatchObject({ state: 'unknown' });
});

test('the Secrets with which a team’s images are pulled', async () => {
  const secret = (...args: readonly string[]) =>
    cluster.kubectl('create', 'secret', ...args, '-n', NAMESPACE);
  const login = ['--docker-server=registry.example.com', '--docker-username=a'];
  await secret('docker-registry', 'login', ...login, '--docker-password=b');
  await secret('generic', 'opaque', '--from-literal=.dockerconfigjson={}');
  const { metadata: _metadata, ...object } = team('pulled', {
    environment: { image: 'golang:1', imagePullSecrets: ['login', 'opaque'] },
    lead: { prompt: 'Lead.', environment: { imagePullSecrets: ['absent'] } },
  });
  const file = stringify({ ...object, metadata: { name: 'pulled' } });
  const found = findings((await cli(['doctor', '-', '--json'], file)).stdout);
  expect(found('image pull Secret login')).toMatchObject({
    state: 'ok',
    message: 'with logins for registry.example.com',
  });
  expect(found('image pull Secret opaque')).toMatchObject({
    state: 'failed',
    message: 'has the type Opaque, which nodes do not use for logins',
  });
  expect(found('image pull Secret absent')).toMatchObject({
    state: 'failed',
    remedy: expect.stringContaining('kubectl create secret docker-registry absent -n teams'),
  });
});

test('a user without rights learns which are missing and what could not be checked', async () => {
  const kubeconfig = `--kubeconfig=${cluster.kubeconfigOf('guest')}`;
  const { exitCode, stdout } = await agentteam(['doctor', '--json', kubeconfig, '-n', NAMESPACE], {
    cwd: cluster.directory,
  });
  expect(exitCode).toBe(1);
  const found = findings(stdout);
  expect(found('right to get, list, watch agentteams')).toMatchObject({
    state: 'failed',
    remedy: expect.stringContaining('--resource=agentteams.claude.amcheste.io'),
  });
  expect(found('right to create pods/exec')).toMatchObject({ state: 'warning' });
  expect(found('shared storage')).toMatchObject({ state: 'unknown' });
  expect(found('argo controller')).toMatchObject({ state: 'unknown' });
});

test('a server that does not answer is reported with a remedy', async () => {
  const file = `${cluster.directory}/nowhere.kubeconfig`;
  await writeFile(
    file,
    stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:9' } }],
      users: [{ name: 'u', user: {} }],
      contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
      'current-context': 'c',
    }),
  );
  const run = (...args: string[]) =>
    agentteam([...args, `--kubeconfig=${file}`], { cwd: cluster.directory });
  const { exitCode, stderr } = await run('doctor');
  expect(exitCode).toBe(1);
  expect(stderr).toContain('the API server at https://127.0.0.1:9 does not answer');
  expect(stderr).toContain('--context');
  const other = await run('list', '--context=other');
  expect(other).toMatchObject({ exitCode: 2 });
  expect(other.stderr).toContain('Its contexts: c');
});
