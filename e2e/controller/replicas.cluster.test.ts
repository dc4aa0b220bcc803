import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { Cluster } from './cluster.ts';
import { ControllerProcess } from './process.ts';
import { team, teamRef, workflowRef } from './teams.ts';

let cluster: Cluster;
let namespaces = 0;
const running: ControllerProcess[] = [];
beforeAll(async () => {
  cluster = await Cluster.start();
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((controller) => controller.stop()));
});
afterAll(async () => {
  await cluster?.stop();
});

async function replicas() {
  namespaces += 1;
  const namespace = `replicas-${namespaces}`;
  await cluster.namespace(namespace);
  const start = async (name: string, ready: string) => {
    const env = { AGENTTEAM_NAMESPACES: namespace, POD_NAMESPACE: namespace, POD_NAME: name };
    const controller = await ControllerProcess.start(cluster.kubeconfig, env, ready);
    running.push(controller);
    return controller;
  };
  const first = await start('first', 'became the leader');
  const second = await start('second', 'watching');
  return { namespace, first, second, lease: leaseRef(namespace) };
}

const leaseRef = (namespace: string) => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  name: 'agentteam-controller',
  namespace,
});
const started = async (name: string, namespace: string) => {
  await cluster.apply(team(name, {}, namespace));
  return cluster.until(teamRef(name, namespace), (now) => now?.status?.phase === 'Pending' && now);
};

test('one of two replicas leads, and the other takes over when it is killed', async () => {
  const { namespace, first, second, lease } = await replicas();
  await started('one', namespace);
  expect(await second.metric('agentteam_reconciles_total')).toBe(0);
  const before = await cluster.get(workflowRef('one', namespace));
  // The second replica may lead when the first has been silent for this long.
  const { spec } = (await cluster.get(lease)) ?? {};
  expect(spec).toMatchObject({ holderIdentity: 'first', leaseDurationSeconds: 12 });

  await first.stop('SIGKILL');
  await second.logged('"became the leader"');
  await started('two', namespace);
  const after = await cluster.get(workflowRef('one', namespace));
  expect(after?.metadata?.resourceVersion).toBe(before?.metadata?.resourceVersion);
  expect((await cluster.get(lease))?.spec).toMatchObject({
    holderIdentity: 'second',
    leaseTransitions: 1,
  });
});

test('a replica that is stopped releases the lease and exits with 0', async () => {
  const { namespace, first, second, lease } = await replicas();
  await started('one', namespace);
  expect(await first.stop('SIGTERM')).toBe(0);
  await second.logged('"became the leader"');
  expect((await cluster.get(lease))?.spec.holderIdentity).toBe('second');
  await started('two', namespace);
});

test('a replica that loses the lease exits with 1', async () => {
  const { namespace, first, lease } = await replicas();
  // A holder that does not exist: the other replica may take the lease after a second.
  await cluster.patch(lease, { spec: { holderIdentity: 'usurper', leaseDurationSeconds: 1 } });
  expect(await first.exited()).toBe(1);
  await started('one', namespace);
});
