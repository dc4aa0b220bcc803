import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ApiProxy, type Cut, cutAt } from './api-proxy.ts';
import { Cluster, type Stored } from './cluster.ts';
import { aRun, aTeam, type Life } from './lives.ts';
import { ControllerProcess } from './process.ts';

/** As many cuts as run beside each other: each is a controller of its own. */
const AT_ONCE = 4;
let cluster: Cluster;
beforeAll(async () => {
  cluster = await Cluster.start();
});
afterAll(async () => {
  await cluster?.stop();
});

/** A whole life, with the controller killed at one of its writes, if at all. */
async function live(life: Life, namespace: string, cut?: Cut) {
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
  let isOver = false;
  let replaced: Promise<void> | undefined;
  made.then(() => {
    // What the last write did may be seen before its connection is cut: then nobody is needed any more.
    if (isOver) return;
    replaced = controller.stop('SIGKILL').then(async () => {
      controller = await start();
    });
  });
  try {
    await life.live(cluster, namespace);
    const settled = await stateOf(namespace);
    await life.end(cluster, namespace);
    return { settled, writes };
  } finally {
    isOver = true;
    await replaced;
    await controller.stop();
    await proxy.close();
  }
}

/** Everything in a namespace, without what differs between any two runs. */
async function stateOf(namespace: string) {
  const kinds = [
    ['claude.amcheste.io/v1alpha1', 'AgentTeam'],
    ['claude.amcheste.io/v1alpha1', 'AgentTeamTemplate'],
    ['claude.amcheste.io/v1alpha1', 'AgentTeamRun'],
    ['argoproj.io/v1alpha1', 'Workflow'],
    ['argoproj.io/v1alpha1', 'WorkflowTemplate'],
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

test.each([
  ['team', aTeam, ['ApprovalRequired', 'Approved', 'Completed', 'Initializing', 'Pending']],
  ['run', aRun, ['Completed', 'Pending']],
])(
  'a controller that dies at any write of a %s’s life converges to the same end',
  async (name, life, events) => {
    const whole = await live(life, `${name}-whole`);
    expect(whole.settled.events).toEqual(events);
    const cuts = whole.writes.flatMap((_, index) =>
      (['before', 'after'] as const).map((when) => ({ write: index + 1, when })),
    );
    for (let first = 0; first < cuts.length; first += AT_ONCE) {
      const ends = await Promise.all(
        cuts.slice(first, first + AT_ONCE).map(async (at) => {
          const end = await live(life, `${name}-cut-${at.write}-${at.when}`, at);
          return { at, end };
        }),
      );
      for (const { at, end } of ends) {
        expect({ at, ...end.settled }).toEqual({ at, ...whole.settled });
      }
    }
  },
  600_000,
);
