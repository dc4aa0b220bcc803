import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ApiProxy, type Cut, cutAt } from './api-proxy.ts';
import { Cluster, type Stored } from './cluster.ts';
import { ControllerProcess } from './process.ts';
import { team, teamRef, workflowRef } from './teams.ts';

const NAME = 'report';
const EVENT = 'spawn-editor';
/** As many cuts as run beside each other: each is a controller of its own. */
const AT_ONCE = 4;
const GATE = {
  id: `${NAME}-1`,
  name: `${NAME}.Approve-${EVENT}`,
  displayName: `Approve-${EVENT}`,
  type: 'Suspend',
  phase: 'Running',
  templateName: `approve-${EVENT}`,
  startedAt: '2026-01-01T00:00:10Z',
  outputs: { parameters: [{ name: 'decision', valueFrom: { supplied: {}, default: 'approve' } }] },
};

let cluster: Cluster;
beforeAll(async () => {
  cluster = await Cluster.start();
});
afterAll(async () => {
  await cluster?.stop();
});

/** A team's whole life, with the controller killed at one of its writes, if at all. */
async function live(namespace: string, cut?: Cut) {
  await cluster.namespace(namespace);
  const proxy = await ApiProxy.start(cluster.kubeconfig);
  const { writes, made } = cutAt(proxy, cut);
  const start = () =>
    ControllerProcess.start(
      proxy.kubeconfig,
      { AGENTTEAM_NAMESPACES: namespace, AGENTTEAM_LEADER_ELECTION: 'false' },
      'watching',
    );
  let controller = await start();
  let replaced: Promise<void> = Promise.resolve();
  made.then(() => {
    replaced = controller.stop('SIGKILL').then(async () => {
      controller = await start();
    });
  });
  const lifecycle = { approvalGates: [{ event: EVENT }] };
  const workflow = workflowRef(NAME, namespace);
  try {
    await cluster.apply(team(NAME, { lifecycle }, namespace));
    const phase = (wanted: string) =>
      cluster.until(teamRef(NAME, namespace), (now) => now?.status?.phase === wanted && now);
    await phase('Pending');
    await cluster.patch(workflow, {
      status: {
        phase: 'Running',
        startedAt: '2026-01-01T00:00:00Z',
        nodes: { [GATE.id]: GATE },
      },
    });
    await cluster.until(teamRef(NAME, namespace), (now) => now?.status?.approvals?.length === 1);
    await cluster.patch(teamRef(NAME, namespace), {
      metadata: { annotations: { [`approved.claude.amcheste.io/${EVENT}`]: 'true' } },
    });
    await cluster.until(workflow, (now) => now?.status?.nodes[GATE.id].phase === 'Succeeded');
    await cluster.patch(workflow, {
      status: { phase: 'Succeeded', finishedAt: '2026-01-01T00:01:00Z' },
    });
    await phase('Completed');
    // The event of an ending comes before its status: after it there is nothing left to write.
    const settled = await stateOf(namespace);
    await cluster.delete(teamRef(NAME, namespace));
    await cluster.until(teamRef(NAME, namespace), (now) => now === undefined);
    return { settled, writes };
  } finally {
    await replaced;
    await controller.stop();
    await proxy.close();
  }
}

/** Everything in a namespace, without what differs between any two runs. */
async function stateOf(namespace: string) {
  const kinds = [
    ['claude.amcheste.io/v1alpha1', 'AgentTeam'],
    ['argoproj.io/v1alpha1', 'Workflow'],
    ['v1', 'ServiceAccount'],
    ['v1', 'Secret'],
    ['v1', 'PersistentVolumeClaim'],
    ['rbac.authorization.k8s.io/v1', 'Role'],
    ['rbac.authorization.k8s.io/v1', 'RoleBinding'],
  ] as const;
  const objects = [];
  for (const [apiVersion, kind] of kinds) {
    for (const object of await cluster.list(apiVersion, kind, namespace)) {
      const { name, labels, annotations, finalizers, ownerReferences } = object.metadata ?? {};
      const { spec, status } = object;
      const owners = ownerReferences?.map((owner) => owner.name);
      objects.push({ kind, name, labels, annotations, finalizers, owners, spec, status });
    }
  }
  const events = (await cluster.list('v1', 'Event', namespace)) as (Stored & { reason: string })[];
  const text = JSON.stringify(objects)
    .replaceAll(namespace, 'NAMESPACE')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME');
  return { objects: JSON.parse(text), events: events.map(({ reason }) => reason).sort() };
}

test('a controller that dies at any of its writes converges to the same end', async () => {
  const whole = await live('whole');
  expect(whole.settled.events).toEqual([
    'ApprovalRequired',
    'Approved',
    'Completed',
    'Initializing',
    'Pending',
  ]);
  const cuts = whole.writes.flatMap((_, index) =>
    (['before', 'after'] as const).map((when) => ({ write: index + 1, when })),
  );
  for (let first = 0; first < cuts.length; first += AT_ONCE) {
    const ends = await Promise.all(
      cuts
        .slice(first, first + AT_ONCE)
        .map(async (at) => ({ at, end: await live(`cut-${at.write}-${at.when}`, at) })),
    );
    for (const { at, end } of ends) {
      expect({ at, ...end.settled }).toEqual({ at, ...whole.settled });
    }
  }
}, 600_000);
