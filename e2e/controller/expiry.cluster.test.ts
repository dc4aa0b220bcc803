import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Cluster, type Stored } from './cluster.ts';
import { ControllerProcess } from './process.ts';
import { NAMESPACE, team, teamRef, workflowRef } from './teams.ts';

let cluster: Cluster;
let controller: ControllerProcess;

beforeAll(async () => {
  cluster = await Cluster.start();
  await cluster.namespace(NAMESPACE);
  controller = await ControllerProcess.start(cluster.kubeconfig);
});
afterAll(async () => {
  await controller?.stop();
  await cluster?.stop();
});

const expiring = (stored: Stored | undefined) =>
  stored?.status?.conditions?.find(({ type }: { type: string }) => type === 'Expiring');
const gone = (name: string) => cluster.until(teamRef(name), (now) => now === undefined);
const patchStatus = (name: string, status: object) => cluster.patch(workflowRef(name), { status });
const touch = (name: string, value: string) =>
  cluster.patch(teamRef(name), { metadata: { labels: { touched: value } } });

async function started(name: string, ttlSecondsAfterFinished: number): Promise<void> {
  await cluster.apply(team(name, { lifecycle: { ttlSecondsAfterFinished } }));
  await cluster.until(teamRef(name), (now) => now?.status?.phase === 'Pending');
}

const LONG_AGO = '2026-01-01T00:01:00Z';

test('an end in the past does not delete a team before its time', async () => {
  await started('forged', 3600);
  const before = Date.now() - 1000;
  await patchStatus('forged', { phase: 'Succeeded', finishedAt: LONG_AGO });
  const ended = await cluster.until(teamRef('forged'), (now) => expiring(now) && now);
  expect(ended.status.completedAt).toBe(LONG_AGO);
  expect(expiring(ended)).toMatchObject({ status: 'True', reason: 'Ended' });
  expect(Date.parse(expiring(ended).lastTransitionTime)).toBeGreaterThanOrEqual(before);

  // A retry stops the count, and the next end starts it again.
  await patchStatus('forged', { phase: 'Running', finishedAt: null });
  await cluster.until(teamRef('forged'), (now) => now?.status?.phase !== 'Completed');
  expect(expiring(await cluster.get(teamRef('forged')))).toBeUndefined();
});

test('a team with a running pod is not deleted, whatever its Workflow says', async () => {
  await started('busy', 0);
  const pod = { apiVersion: 'v1', kind: 'Pod', name: 'busy-lead-1', namespace: NAMESPACE };
  await cluster.apply({
    ...{ apiVersion: 'v1', kind: 'Pod' },
    metadata: {
      ...{ name: pod.name, namespace: NAMESPACE },
      labels: { 'workflows.argoproj.io/workflow': 'busy' },
    },
    spec: {
      serviceAccountName: 'agentteam-executor',
      automountServiceAccountToken: false,
      containers: [{ name: 'main', image: 'agent' }],
    },
  } as Stored);
  await patchStatus('busy', { phase: 'Succeeded', finishedAt: LONG_AGO });
  const held = await cluster.until(teamRef('busy'), (now) => expiring(now) && now);
  expect(expiring(held)).toMatchObject({ status: 'False', reason: 'PodsRunning' });
  expect(expiring(held).message).toContain(pod.name);
  await cluster.delete(pod);
  // The controller may have looked by itself meanwhile, because of its own change of the status.
  await touch('busy', 'again').catch((error: { readonly code?: number }) => {
    if (error.code !== 404) throw error;
  });
  await gone('busy');
});

test('a time that is set after the end counts from then, also when the Workflow is gone', async () => {
  await cluster.apply(team('late'));
  await cluster.until(teamRef('late'), (now) => now?.status?.phase === 'Pending');
  await patchStatus('late', { phase: 'Succeeded', finishedAt: LONG_AGO });
  await cluster.until(teamRef('late'), (now) => now?.status?.phase === 'Completed');
  await cluster.delete(workflowRef('late'));
  const ttl = (seconds: number | null) =>
    cluster.patch(teamRef('late'), { spec: { lifecycle: { ttlSecondsAfterFinished: seconds } } });
  await ttl(3600);
  await cluster.until(teamRef('late'), (now) => expiring(now)?.status === 'True');
  await ttl(null);
  await cluster.until(teamRef('late'), (now) => expiring(now) === undefined);
  await ttl(0);
  await gone('late');
});
