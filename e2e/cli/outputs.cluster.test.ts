import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { ClusterHost } from '../../packages/cli/src/teams/cluster/cluster-host.ts';
import { hostSource } from '../../packages/cli/src/ui/host-source.ts';
import { Cluster, type Stored } from '../controller/cluster.ts';
import { NAMESPACE, team } from '../controller/teams.ts';
import { agentteam, started } from './cli.ts';

let cluster: Cluster;

beforeAll(async () => {
  cluster = await Cluster.start([{ name: 'grace', groups: [] }]);
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
  const metadata = { name: NAMESPACE, labels };
  await cluster.apply({ apiVersion: 'v1', kind: 'Namespace', metadata });
  // Nothing creates it here.
  const account = { name: 'default', namespace: NAMESPACE };
  await cluster.apply({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: account });
  await grant('reader', 'grace', [
    { apiGroups: ['claude.amcheste.io'], resources: ['agentteams'], verbs: ['get', 'list'] },
    { apiGroups: ['argoproj.io'], resources: ['workflows'], verbs: ['get'] },
  ]);
});
afterAll(async () => {
  await cluster?.stop();
});
beforeEach(async () => {
  await cluster.apply(team('written'));
});

async function grant(name: string, user: string, rules: readonly object[]): Promise<void> {
  const rbac = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    metadata: { name, namespace: NAMESPACE },
  };
  await cluster.apply({ ...rbac, kind: 'Role', ...{ rules } });
  await cluster.kubectl(
    ...['create', 'rolebinding', name, '-n', NAMESPACE, `--role=${name}`, `--user=${user}`],
  );
}

const fetching = (user: string | undefined, ...args: readonly string[]) => {
  const kubeconfig = user === undefined ? cluster.kubeconfig : cluster.kubeconfigOf(user);
  const where = [`--kubeconfig=${kubeconfig}`, '-n', NAMESPACE];
  return started(['outputs', 'written', ...args, ...where], { cwd: cluster.directory });
};

/** Waits until the command has created its pod. */
async function createdPod(): Promise<Stored> {
  for (;;) {
    const pods = await cluster.list('v1', 'Pod', NAMESPACE);
    const pod = pods.find(({ metadata }) => metadata?.deletionTimestamp === undefined);
    if (pod !== undefined) return pod;
    await new Promise(setImmediate);
  }
}

/** Writes the status of a pod, as its scheduler or its node would. */
const setStatus = ({ metadata }: Stored, status: object) =>
  cluster.kubectl(
    ...['patch', 'pod', metadata?.name ?? '', '-n', NAMESPACE, '--subresource=status'],
    ...['--type=merge', `-p=${JSON.stringify({ status })}`],
  );

test('without rights, outputs says which ones are missing, and creates nothing', async () => {
  const { exitCode, stderr } = await fetching('grace');
  expect(exitCode).toBe(1);
  expect(stderr).toContain(
    'you may not create pods, get pods, delete pods, get pods/exec, create pods/exec in teams',
  );
  expect(stderr).toContain('kubectl create role agentteam-outputs -n teams');
  expect(await cluster.list('v1', 'Pod', NAMESPACE)).toEqual([]);
});

test.each([
  [
    'an image that cannot be pulled',
    {
      containerStatuses: [
        {
          ...{ name: 'results', image: '', imageID: '', ready: false, restartCount: 0 },
          state: { waiting: { reason: 'ImagePullBackOff', message: 'no such host' } },
        },
      ],
    },
    /the image ghcr\.io\S+ cannot be pulled \(ImagePullBackOff: no such host\)\n.*--image/,
  ],
  [
    'a claim that is gone',
    {
      conditions: [
        {
          ...{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable' },
          message: '0/1 nodes are available: persistentvolumeclaim "written-output" not found.',
        },
      ],
    },
    /the claim written-output no longer exists/,
  ],
  [
    'an image of an earlier release',
    {
      phase: 'Failed',
      containerStatuses: [
        {
          ...{ name: 'results', image: '', imageID: '', ready: false, restartCount: 0 },
          state: { terminated: { exitCode: 64, reason: 'Error' } },
        },
      ],
    },
    /cannot read results, because it is of an earlier release\n.*--image/,
  ],
])('%s ends outputs at once, and the pod is deleted', async (_case, status, message) => {
  const running = fetching(undefined);
  await setStatus(await createdPod(), status);
  const { exitCode, stderr } = await running;
  expect(stderr).toMatch(message);
  expect(exitCode).toBe(1);
  expect(await cluster.list('v1', 'Pod', NAMESPACE)).toEqual([]);
});

test('a pod that no node can run ends outputs after the limit', async () => {
  const running = fetching(undefined, '--start-timeout=10s');
  const pod = await createdPod();
  // It was admitted to a namespace that enforces the Pod Security Standard `restricted`.
  expect(pod.spec).toMatchObject({ automountServiceAccountToken: false, restartPolicy: 'Never' });
  await setStatus(pod, {
    conditions: [
      {
        ...{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable' },
        message: '0/1 nodes are available: 1 Insufficient memory.',
      },
    ],
  });
  const { exitCode, stderr } = await running;
  expect(stderr).toMatch(/did not start within 10 s: no node can run it .*Insufficient memory/);
  expect(stderr).toContain('--start-timeout');
  expect(exitCode).toBe(1);
  expect(await cluster.list('v1', 'Pod', NAMESPACE)).toEqual([]);
});

test('Ctrl-C deletes the pod', async () => {
  const running = fetching(undefined);
  await createdPod();
  running.kill('SIGINT');
  expect((await running).exitCode).toBe(130);
  expect(await cluster.list('v1', 'Pod', NAMESPACE)).toEqual([]);
});

test('a report without the rights to read the volume says so', async () => {
  const where = [`--kubeconfig=${cluster.kubeconfigOf('grace')}`, '-n', NAMESPACE];
  const report = await agentteam(['report', 'written', '--format=markdown', '-o', '-', ...where], {
    cwd: cluster.directory,
  });
  expect(report).toMatchObject({ exitCode: 0 });
  expect(report.stdout).toContain('were not read: you may not create pods');
});

test('a person who may read one namespace sees its teams on the page, and no others', async () => {
  await cluster.namespace('other');
  await cluster.apply(team('hidden', {}, 'other'));
  const page = (namespace: string) => {
    const kubeconfig = cluster.kubeconfigOf('grace');
    return hostSource(new ClusterHost({ kubeconfig, namespace }), namespace);
  };
  const { teams } = await page(NAMESPACE).list();
  expect(teams.map(({ name }) => name)).toEqual(['written']);
  const detail = await page(NAMESPACE).detail('written', new AbortController().signal);
  expect(detail.summary).toMatchObject({ name: 'written', namespace: NAMESPACE });
  await expect(page('other').list()).rejects.toThrow(/cannot list resource "agentteams"/);
  const everywhere = ['list', '-A', `--kubeconfig=${cluster.kubeconfigOf('grace')}`];
  const listed = await agentteam(everywhere, { cwd: cluster.directory });
  expect(listed).toMatchObject({ exitCode: 1 });
  expect(listed.stderr).toContain('-n NAMESPACE');
});
