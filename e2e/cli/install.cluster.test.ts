import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FIGURES } from '@agentteam/contract';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import { kubeconfigOfAccount } from '../controller/account.ts';
import { Cluster, type Ref, type Stored } from '../controller/cluster.ts';
import { ControllerProcess } from '../controller/process.ts';
import { NAMESPACE, team, teamRef, workflowRef } from '../controller/teams.ts';
import { agentteam } from './cli.ts';

const SYSTEM = 'agentteam-system';
const CONTROLLER = 'agentteam-controller';
interface Rule {
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

interface Role extends Stored {
  readonly rules?: readonly Rule[];
}

let cluster: Cluster;
const cli = (...args: string[]) =>
  agentteam([...args, `--kubeconfig=${cluster.kubeconfig}`], { cwd: cluster.directory });
const deployment: Ref = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  namespace: SYSTEM,
  name: CONTROLLER,
};
const crd: Ref = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  name: 'agentteams.claude.amcheste.io',
};

beforeAll(async () => {
  cluster = await Cluster.start();
  await cluster.namespace(NAMESPACE);
});
afterAll(async () => {
  await cluster?.stop();
});

/** Starts the controller with the rights of its service account only, as its Deployment does. */
async function installedController(): Promise<ControllerProcess> {
  const file = await kubeconfigOfAccount(cluster, SYSTEM, CONTROLLER);
  return ControllerProcess.start(file, { POD_NAMESPACE: SYSTEM });
}

test('--dry-run=client prints all objects, and the API server accepts them', async () => {
  const { exitCode, stdout } = await agentteam(
    ['install', '--dry-run=client', '--image=registry.test/agentteam:1', '-n', 'default'],
    { cwd: cluster.directory },
  );
  expect(exitCode).toBe(0);
  const kinds = parseAllDocuments(stdout).map((document) => document.toJS().kind);
  expect(new Set(kinds)).toEqual(
    new Set([
      ...['CustomResourceDefinition', 'Namespace', 'ServiceAccount', 'ClusterRole'],
      ...['ClusterRoleBinding', 'Role', 'RoleBinding', 'Deployment'],
    ]),
  );
  const file = join(cluster.directory, 'install.yaml');
  await writeFile(file, stdout);
  const server = ['--server-side', '--force-conflicts', '--dry-run=server'];
  await cluster.kubectl('apply', ...server, `-f=${file}`);
});

test.each([
  ['HTTPS_PROXY', 'Expected NAME=VALUE'],
  ['AGENTTEAM_IMAGE=a', 'Use --image instead.'],
  ['AGENTTEAM_METRICS_PORT=9090', 'The port is always 8080, which the probes use.'],
])('--env %s is refused', async (variable, message) => {
  const { exitCode, stderr } = await cli('install', '--dry-run=client', '--env', variable);
  expect(exitCode).toBe(2);
  expect(stderr).toContain(message);
});

test('--dry-run=server changes nothing', async () => {
  expect(await cli('install', '--dry-run=server')).toMatchObject({ exitCode: 0, stderr: '' });
  expect(await cluster.get(deployment)).toBeUndefined();
});

/** The result for each object. */
const results = (stdout: string): readonly object[] =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

test('after install, the controller has the rights to run a team', async () => {
  const installed = await cli('install', '--storage-class=shared', '--image=registry.test/a:1');
  expect(installed).toMatchObject({ exitCode: 0, stderr: '' });
  const variables = ['--env=HTTPS_PROXY=http://proxy.test:3128/', '--env', 'NO_PROXY=.svc,a=b'];
  const again = await cli(
    ...['install', '--json', '--image=registry.test/a:2', '--replicas=2', ...variables],
  );
  expect(results(again.stdout)).toEqual(
    expect.arrayContaining([
      { apiVersion: 'v1', kind: 'Namespace', name: SYSTEM, done: 'kept', dryRun: false },
      { ...deployment, done: 'applied', dryRun: false },
    ]),
  );
  const spec = (await cluster.get(deployment))?.spec;
  const [container] = spec.template.spec.containers;
  expect([spec.replicas, container.image]).toEqual([2, 'registry.test/a:2']);
  expect(
    container.env.map(({ name, value }: { name: string; value?: string }) => [name, value]),
  ).toEqual(
    expect.arrayContaining([
      ['AGENTTEAM_IMAGE', 'registry.test/a:2'],
      ['NODE_OPTIONS', '--max-semi-space-size=4'],
      ['HTTPS_PROXY', 'http://proxy.test:3128/'],
      ['NO_PROXY', '.svc,a=b'],
      ['POD_NAME', undefined],
      ['POD_NAMESPACE', undefined],
    ]),
  );

  const controller = await installedController();
  try {
    await cluster.apply(team('first'));
    await cluster.until(teamRef('first'), (now) => now?.status?.phase === 'Pending');
    expect(await cluster.get(workflowRef('first'))).toBeDefined();
    const refused = await cli('uninstall');
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toContain('these teams have not ended: teams/first');
    await cli('delete', 'first', '-n', NAMESPACE, '--wait');
  } finally {
    await controller.stop();
  }
  expect(controller.log).not.toContain('forbidden');
});

test('settings that need further rights add them', async () => {
  const env = ['--env=AGENTTEAM_EXECUTOR_SERVICE_ACCOUNT=runner'];
  const server = ['--env=AGENTTEAM_ARGO_SERVER_URL=https://argo-server.argo:2746'];
  const { stdout } = await cli('install', '--dry-run=client', '--json', ...env, ...server);
  const { items } = JSON.parse(stdout) as { readonly items: readonly Role[] };
  const rules = items.find(
    ({ kind, metadata }) => kind === 'ClusterRole' && metadata?.name === CONTROLLER,
  )?.rules;
  const named = (rules ?? []).flatMap(({ resourceNames = [] }) => resourceNames);
  expect(new Set(named)).toEqual(
    new Set(['runner', 'agentteam-submitter', 'runner.service-account-token', FIGURES.secret]),
  );
  const workflows = rules?.find(({ resources }) => resources.includes('workflows'));
  expect(workflows?.verbs).toContain('update');
});

test('after install for some namespaces, the controller has no rights in others', async () => {
  const everywhere: Ref = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    name: CONTROLLER,
  };
  expect(await cluster.get(everywhere)).toBeDefined();
  const { stdout } = await cli('install', `--watch=${NAMESPACE}`);
  expect(stdout).toContain(`ClusterRoleBinding ${CONTROLLER} deleted`);
  expect(await cluster.get(everywhere)).toBeUndefined();
  const one = { ...everywhere, kind: 'RoleBinding', name: `${CONTROLLER}-teams` };
  expect(await cluster.get({ ...one, namespace: NAMESPACE })).toBeDefined();
  expect(await cli('uninstall', `--watch=${NAMESPACE}`)).toMatchObject({ exitCode: 0 });
  expect(await cluster.get({ ...one, namespace: NAMESPACE })).toBeUndefined();
});

test('uninstall keeps the CRDs unless --kinds is given', async () => {
  const first = await cli('uninstall');
  expect(first).toMatchObject({ exitCode: 0, stderr: '' });
  expect(await cluster.get(deployment)).toBeUndefined();
  expect(await cluster.get(crd)).toBeDefined();
  expect((await cli('uninstall')).stdout).toContain(`Deployment ${CONTROLLER} not found`);
  const { stdout } = await cli('uninstall', '--kinds', '--json');
  expect(results(stdout)).toEqual(
    expect.arrayContaining([
      { ...deployment, done: 'not-found', dryRun: false },
      { ...crd, done: 'deleted', dryRun: false },
    ]),
  );
  await cluster.until(crd, (now) => now === undefined);
});
