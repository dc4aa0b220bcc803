import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Cluster, type Stored } from './cluster.ts';
import { ControllerProcess } from './process.ts';
import { NAMESPACE, team, teamRef, workflowRef } from './teams.ts';

/* There is no kubelet here: the tests write what one wrote on a real cluster. */

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

const LONG_AGO = '2026-01-01T00:00:00Z';
const MISSING_PROGRAM = {
  reason: 'StartError',
  exitCode: 128,
  message: 'exec: "serve": executable file not found in $PATH',
};

/** Starts a team whose writer has a pod that does not start. @returns the pod's name. */
async function waiting(name: string, statuses: object): Promise<string> {
  await cluster.apply(team(name));
  await cluster.until(teamRef(name), (now) => now?.status?.phase === 'Pending');
  const pod = `${name}-agent-writer-1`;
  await cluster.apply({
    ...{ apiVersion: 'v1', kind: 'Pod' },
    metadata: {
      ...{ name: pod, namespace: NAMESPACE },
      labels: { 'workflows.argoproj.io/workflow': name },
    },
    spec: {
      serviceAccountName: 'agentteam-executor',
      automountServiceAccountToken: false,
      initContainers: ['gateway', 'db'].map((one) => ({
        ...{ name: one, image: one, restartPolicy: 'Always' },
      })),
      containers: [{ name: 'main', image: 'agent' }],
    },
  } as Stored);
  await show(pod, statuses);
  await cluster.patch(workflowRef(name), {
    status: {
      ...{ phase: 'Running', startedAt: LONG_AGO },
      nodes: {
        [`${name}-1`]: {
          ...{ id: `${name}-1`, name: `${name}.writer`, displayName: 'writer', type: 'Pod' },
          ...{ templateName: 'agent-writer', phase: 'Pending', startedAt: LONG_AGO },
          message: 'PodInitializing',
        },
      },
    },
  });
  return pod;
}

const show = (pod: string, status: object) =>
  cluster.kubectl(
    ...['patch', 'pod', pod, '-n', NAMESPACE, '--subresource=status', '--type=merge', '-p'],
    JSON.stringify({ status }),
  );

const sidecar = (state: object, lastState: object = {}, restartCount = 0) => ({
  initContainerStatuses: [
    status('gateway', { running: { startedAt: LONG_AGO } }),
    { ...status('db', state), lastState, restartCount },
  ],
  containerStatuses: [status('main', { waiting: { reason: 'PodInitializing' } })],
});
const status = (name: string, state: object) => ({
  ...{ name, image: name, imageID: '', ready: false, restartCount: 0, state },
});

const until = (name: string, holds: (now: Stored) => boolean) =>
  cluster.until(teamRef(name), (now) => now !== undefined && holds(now) && now);
const podsWaiting = (now: Stored) =>
  now.status?.conditions?.find(({ type }: { type: string }) => type === 'PodsWaiting');

test('a sidecar whose program does not exist stops the team, and the message says so', async () => {
  await waiting('broken', sidecar({ terminated: MISSING_PROGRAM }, {}, 1));
  const stopped = await cluster.until(
    workflowRef('broken'),
    (now) => now?.spec.shutdown === 'Stop' && now,
  );
  expect(stopped.status.nodes['broken-1'].phase).toBe('Pending');
  const why = `the sidecar db cannot start: StartError: ${MISSING_PROGRAM.message}`;
  const now = await until('broken', (one) => podsWaiting(one)?.reason === 'SidecarCannotStart');
  expect(podsWaiting(now)).toMatchObject({ status: 'True', message: `writer: ${why}` });
  expect(now.status.teammates[0]).toMatchObject({ phase: 'Pending', message: why });

  // Argo stops the pods.
  await cluster.patch(workflowRef('broken'), {
    status: {
      ...{ phase: 'Failed', finishedAt: LONG_AGO, message: "Stopped with strategy 'Stop'" },
      nodes: { 'broken-1': { phase: 'Failed', message: "Stopped with strategy 'Stop'" } },
    },
  });
  const ended = await until('broken', (one) => one.status.completedAt !== undefined);
  expect(ended.status.message).toBe(
    `The team was stopped, because a pod of it cannot start. writer: ${why}`,
  );
});

test('an image of a sidecar that cannot be pulled is named while the agent waits', async () => {
  const error = { waiting: { reason: 'ImagePullBackOff', message: 'pull of db: unauthorized' } };
  const pod = await waiting('unpulled', sidecar(error));
  const why = 'the sidecar db cannot start: ImagePullBackOff: pull of db: unauthorized';
  const now = await until('unpulled', (one) => podsWaiting(one) !== undefined);
  expect(podsWaiting(now)).toMatchObject({ status: 'True', reason: 'ImagePullBackOff' });
  expect(now.status.teammates[0].message).toBe(why);
  expect((await cluster.get(workflowRef('unpulled')))?.spec.shutdown).toBeUndefined();
  const events = await cluster.list('v1', 'Event', NAMESPACE);
  expect(events).toContainEqual(
    expect.objectContaining({ reason: 'PodsWaiting', message: `writer: ${why}` }),
  );

  // The registry is back.
  const running = { running: { startedAt: LONG_AGO } };
  await show(pod, sidecar(running));
  await until('unpulled', (one) => podsWaiting(one)?.status === 'False');
});

test('a Secret that does not exist is named while the agent waits, and so is a pull secret', async () => {
  const pod = await waiting('unmounted', {
    containerStatuses: [status('main', { waiting: { reason: 'ContainerCreating' } })],
  });
  await warn(pod, 'FailedToRetrieveImagePullSecret', 'Unable to retrieve secrets (registry)');
  const message = 'MountVolume.SetUp failed for volume "api": secret "anthropic" not found';
  await warn(pod, 'FailedMount', message);
  const now = await until('unmounted', (one) => podsWaiting(one) !== undefined);
  expect(podsWaiting(now)).toMatchObject({ reason: 'FailedMount' });
  expect(now.status.teammates[0].message).toBe(`FailedMount: ${message}`);
  await show(pod, sidecar({ waiting: { reason: 'ErrImagePull', message: 'unauthorized' } }));
  const after = await until('unmounted', (one) => podsWaiting(one)?.reason === 'ErrImagePull');
  expect(podsWaiting(after).message).toMatch(
    /ErrImagePull: unauthorized; Unable to retrieve secrets \(registry\)$/,
  );
});

async function warn(pod: string, reason: string, message: string): Promise<void> {
  const ref = { apiVersion: 'v1', kind: 'Pod', name: pod, namespace: NAMESPACE };
  const uid = (await cluster.get(ref))?.metadata?.uid;
  await cluster.apply({
    ...{ apiVersion: 'v1', kind: 'Event', type: 'Warning', reason, message },
    metadata: { name: `${pod}.${reason.toLowerCase()}`, namespace: NAMESPACE },
    involvedObject: { ...ref, uid },
    lastTimestamp: '2026-01-01T00:00:01Z',
  } as Stored);
}
