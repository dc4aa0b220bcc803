import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ApiProxy, type Cut, cutAt } from './api-proxy.ts';
import { Cluster, type Stored } from './cluster.ts';
import { aRun, aTeam, type Lifecycle } from './lifecycles.ts';
import { ControllerProcess } from './process.ts';

/** How many controllers run at the same time, one for each cut. */
const AT_ONCE = 4;
let cluster: Cluster;
beforeAll(async () => {
  cluster = await Cluster.start();
});
afterAll(async () => {
  await cluster?.stop();
});

/** Runs a whole lifecycle, and kills the controller at one of its writes, or not at all. */
async function live(life: Lifecycle, namespace: string, cut?: Cut) {
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
    // The effect of the last write may be visible before the cut: then no other controller is needed.
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

/** All objects in a namespace, without the fields that differ between any two runs. */
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
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    // It depends on the uid of the team.
    .replaceAll(/(?<="claude\.amcheste\.io\/claim-proof":")[0-9a-f]{64}/g, 'PROOF');
  return { objects: JSON.parse(text), events: events.map(({ reason }) => reason).sort() };
}

test.each([
  ['team', aTeam, ['ApprovalRequired', 'Approved', 'Completed', 'Initializing', 'Pending']],
  ['run', aRun, ['Completed', 'Pending']],
])(
  'a %s reaches the same state when the controller is killed at any write',
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
