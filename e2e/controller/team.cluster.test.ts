import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
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

const phase = (name: string, wanted: string) =>
  cluster.until(teamRef(name), (stored) => stored?.status?.phase === wanted && stored);
const condition = (stored: Stored | undefined, type: string) =>
  stored?.status?.conditions?.find((one: { type: string }) => one.type === type);
const events = async (name: string) =>
  (await cluster.list('v1', 'Event', NAMESPACE)).filter(
    (event) => (event as { involvedObject?: { name?: string } }).involvedObject?.name === name,
  ) as (Stored & { reason: string; message: string; type: string })[];

test('creates the Workflow of a team and the objects that it needs', async () => {
  await cluster.apply(team('report'));
  const stored = await phase('report', 'Pending');
  const workflow = await cluster.get(workflowRef('report'));
  expect(workflow?.metadata?.ownerReferences).toMatchObject([
    { kind: 'AgentTeam', name: 'report', uid: stored.metadata?.uid, controller: true },
  ]);
  expect(workflow?.spec.templates.map(({ name }: { name: string }) => name)).toEqual(
    expect.arrayContaining(['lead', 'agent-writer', 'agent-editor', 'finish']),
  );
  const account = { namespace: NAMESPACE, name: 'agentteam-executor' };
  const rbac = 'rbac.authorization.k8s.io/v1';
  const companions = [
    { apiVersion: 'v1', kind: 'ServiceAccount', ...account },
    { apiVersion: rbac, kind: 'Role', ...account },
    { apiVersion: rbac, kind: 'RoleBinding', ...account },
    {
      apiVersion: 'v1',
      kind: 'Secret',
      namespace: NAMESPACE,
      name: 'agentteam-executor.service-account-token',
    },
    {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      namespace: NAMESPACE,
      name: 'report-output',
    },
  ];
  for (const ref of companions) expect(await cluster.get(ref)).toBeDefined();
  const claim = await cluster.get(companions.at(-1) ?? (account as never));
  expect(claim?.metadata?.ownerReferences).toBeUndefined();
  expect(condition(stored, 'Started')).toMatchObject({ status: 'True', reason: 'WorkflowCreated' });
  expect(stored.status).toMatchObject({ ready: '0/2', cost: '$0.00', observedGeneration: 1 });
});

test('log lines name the team and the reconcile', async () => {
  await cluster.apply(team('logged'));
  await phase('logged', 'Pending');
  await controller.logged(`"team":"${NAMESPACE}/logged","reason":"Pending"`);
  const lines = controller.log
    .split('\n')
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)
    .filter((line) => line['team'] === `${NAMESPACE}/logged`);
  const event = lines.find(({ reason }) => reason === 'Pending');
  expect(event).toMatchObject({
    msg: 'Waiting for Argo to start the workflow.',
    reconcile: expect.any(String),
  });
  const ids = lines.filter(({ msg }) => msg === 'reconciled').map(({ reconcile }) => reconcile);
  expect(new Set(ids).size).toBe(ids.length);
});

test('a team owns its output claim if outputRetention is delete', async () => {
  await cluster.apply(team('fleeting', { lifecycle: { outputRetention: 'delete' } }));
  await phase('fleeting', 'Pending');
  const claim = await cluster.get({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    namespace: NAMESPACE,
    name: 'fleeting-output',
  });
  expect(claim?.metadata?.ownerReferences).toMatchObject([{ name: 'fleeting' }]);
});

test('a team that does not compile fails with every problem, and starts once it is corrected', async () => {
  const broken = team('broken', {
    teammates: [{ name: 'writer', prompt: 'Write.', dependsOn: ['riter'] }],
    lifecycle: { timeout: 'soon' },
  });
  await cluster.apply(broken);
  const failed = await phase('broken', 'Failed');
  const started = condition(failed, 'Started');
  expect(started).toMatchObject({ status: 'False', reason: 'Invalid' });
  expect(started.message).toContain('spec.teammates[0].dependsOn');
  expect(started.message).toContain('spec.lifecycle.timeout');
  expect(await cluster.get(workflowRef('broken'))).toBeUndefined();
  expect((await events('broken')).map(({ reason }) => reason)).toEqual(['Invalid']);

  await cluster.apply(team('broken'));
  await phase('broken', 'Pending');
  expect(await cluster.get(workflowRef('broken'))).toBeDefined();
});

test('does not touch somebody else’s Workflow with the same name', async () => {
  await cluster.apply({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Workflow',
    metadata: { name: 'taken', namespace: NAMESPACE },
    spec: { entrypoint: 'mine' },
  });
  await cluster.apply(team('taken'));
  const waiting = await phase('taken', 'Pending');
  expect(condition(waiting, 'Started')).toMatchObject({ status: 'False', reason: 'NameTaken' });
  expect((await cluster.get(workflowRef('taken')))?.spec).toEqual({ entrypoint: 'mine' });
});

test.each([
  ['that is not watched', {}],
  ['with the label of a team', { 'claude.amcheste.io/team': 'heir-2' }],
])('a team starts when a Workflow %s and its name is deleted', async (_, labels) => {
  const name = Object.keys(labels).length === 0 ? 'heir-1' : 'heir-2';
  await cluster.apply({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Workflow',
    metadata: { name, namespace: NAMESPACE, labels },
    spec: { entrypoint: 'mine' },
  });
  await cluster.apply(team(name));
  await cluster.until(teamRef(name), (now) => condition(now, 'Started')?.reason === 'NameTaken');
  await cluster.delete(workflowRef(name));
  await cluster.until(teamRef(name), (now) => condition(now, 'Started')?.status === 'True');
});

describe('a team that is created again', () => {
  const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim' } as const;

  test('does not use the files of the earlier team, and gets its own claim', async () => {
    const ref = { ...claim, namespace: NAMESPACE, name: 'again-team' };
    await cluster.apply(team('again'));
    await phase('again', 'Pending');
    const old = await cluster.get(ref);
    expect(old?.metadata?.ownerReferences).toMatchObject([{ kind: 'AgentTeam', name: 'again' }]);
    // There is no garbage collector here, so the claim stays, as if a pod still used it.
    await cluster.delete(teamRef('again'));
    await cluster.until(teamRef('again'), (now) => now === undefined);
    await cluster.delete(workflowRef('again'));
    await cluster.apply(team('again'));
    const waiting = await phase('again', 'Pending');
    expect(condition(waiting, 'Started')).toMatchObject({ status: 'False', reason: 'NameTaken' });
    expect(await cluster.get(workflowRef('again'))).toBeUndefined();
    await cluster.delete(ref);
    await cluster.patch(ref, { metadata: { finalizers: null } });
    await cluster.until(teamRef('again'), (now) => condition(now, 'Started')?.status === 'True');
    const own = await cluster.get(ref);
    expect(own?.metadata?.uid).not.toBe(old?.metadata?.uid);
  });

  test('does not use a claim that a person created with the same name', async () => {
    const ref = { ...claim, namespace: NAMESPACE, name: 'claimed-team' };
    await cluster.apply({
      ...claim,
      metadata: { name: ref.name, namespace: NAMESPACE },
      spec: { accessModes: ['ReadWriteMany'], resources: { requests: { storage: '1Gi' } } },
    });
    await cluster.apply(team('claimed'));
    const waiting = await phase('claimed', 'Pending');
    expect(condition(waiting, 'Started')).toMatchObject({ status: 'False', reason: 'NameTaken' });
    expect(condition(waiting, 'Started').message).toContain('claimed-team');
    expect((await cluster.get(ref))?.metadata?.ownerReferences).toBeUndefined();
  });

  test('does not use a claim that a person has given to the team', async () => {
    const ref = { ...claim, namespace: NAMESPACE, name: 'given-team' };
    await cluster.apply({
      ...claim,
      metadata: { name: ref.name, namespace: NAMESPACE },
      spec: { accessModes: ['ReadWriteMany'], resources: { requests: { storage: '1Gi' } } },
    });
    await cluster.apply(team('given'));
    await phase('given', 'Pending');
    const { apiVersion, kind, metadata } = (await cluster.get(teamRef('given'))) ?? {};
    const owner = { apiVersion, kind, name: metadata?.name, uid: metadata?.uid };
    await cluster.patch(ref, { metadata: { ownerReferences: [owner] } });
    // The team is reconciled again because it has changed.
    await cluster.apply(team('given', { lead: { prompt: 'Begin.' } }));
    await cluster.until(teamRef('given'), (now) => now?.status?.observedGeneration === 2);
    expect(await cluster.get(workflowRef('given'))).toBeUndefined();
    await cluster.delete(ref);
    await cluster.patch(ref, { metadata: { finalizers: null } });
    await cluster.until(teamRef('given'), (now) => condition(now, 'Started')?.status === 'True');
  });
});

describe('the claim for the output exists', () => {
  const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim' } as const;
  const refOf = (name: string) => ({ ...claim, namespace: NAMESPACE, name: `${name}-output` });
  const exists = (name: string, labels: Readonly<Record<string, string>>) =>
    cluster.apply({
      ...claim,
      metadata: { name: refOf(name).name, namespace: NAMESPACE, labels },
      spec: { accessModes: ['ReadWriteMany'], resources: { requests: { storage: '5Gi' } } },
    });
  const fleeting = { lifecycle: { outputRetention: 'delete' } };

  test.each<[string, Readonly<Record<string, string>>]>([
    ['papers', {}],
    ['ledgers', { 'app.kubernetes.io/managed-by': 'agentteam', 'claude.amcheste.io/team': 'x' }],
  ])('a team does not take somebody else’s: %s', async (name, labels) => {
    await exists(name, labels);
    await cluster.apply(team(name, fleeting));
    const waiting = await phase(name, 'Pending');
    expect(condition(waiting, 'Started')).toMatchObject({ status: 'False', reason: 'NameTaken' });
    expect(condition(waiting, 'Started').message).toContain(`${name}-output`);
    const { metadata } = (await cluster.get(refOf(name))) ?? {};
    expect(metadata?.labels ?? {}).toEqual(labels);
    expect(metadata).not.toHaveProperty('ownerReferences');
  });

  test('a team writes to that of an earlier team with its name, and does not delete it', async () => {
    await exists('kept', {
      ...{ 'app.kubernetes.io/managed-by': 'agentteam', 'claude.amcheste.io/team': 'kept' },
    });
    await cluster.apply(team('kept', fleeting));
    await cluster.until(teamRef('kept'), (now) => condition(now, 'Started')?.status === 'True');
    expect((await cluster.get(refOf('kept')))?.metadata).not.toHaveProperty('ownerReferences');
  });
});

test('a retry does not take somebody else’s claim for an output that the spec has got since', async () => {
  const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim' } as const;
  const ref = { ...claim, namespace: NAMESPACE, name: 'grown-output' };
  await cluster.apply({
    ...claim,
    metadata: { name: ref.name, namespace: NAMESPACE },
    spec: { accessModes: ['ReadWriteMany'], resources: { requests: { storage: '5Gi' } } },
  });
  const repository = { url: 'https://git.example/acme/pay.git' };
  await cluster.apply(team('grown', { repository, workspace: undefined }));
  await phase('grown', 'Pending');
  const times = { startedAt: '2026-11-26T10:00:00Z', finishedAt: '2026-11-26T11:00:00Z' };
  await cluster.patch(workflowRef('grown'), { status: { phase: 'Failed', ...times } });
  await phase('grown', 'Failed');
  await cluster.apply(team('grown', { repository }));
  const refused = await cluster.until(teamRef('grown'), (now) => {
    const changed = condition(now, 'SpecChanged');
    return changed?.reason === 'CannotRetry' && changed;
  });
  expect(refused.message).toContain('grown-output already exists');
  const mounts = async () => JSON.stringify((await cluster.get(workflowRef('grown')))?.spec);
  expect(await mounts()).not.toContain('grown-output');
  await cluster.patch(ref, { metadata: { finalizers: null } });
  await cluster.delete(ref);
  await cluster.until(teamRef('grown'), (now) => condition(now, 'SpecChanged')?.status === 'False');
  expect(await mounts()).toContain('grown-output');
  const own = { 'claude.amcheste.io/team': 'grown' };
  expect((await cluster.get(ref))?.metadata?.labels).toMatchObject(own);
});

test('waits while its output claim is being deleted, and gets a new one', async () => {
  const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim' } as const;
  const ref = { ...claim, namespace: NAMESPACE, name: 'renewed-output' };
  await cluster.apply({
    ...claim,
    metadata: {
      ...{ name: ref.name, namespace: NAMESPACE },
      finalizers: ['kubernetes.io/pvc-protection'],
    },
    spec: { accessModes: ['ReadWriteMany'], resources: { requests: { storage: '5Gi' } } },
  });
  const old = await cluster.get(ref);
  await cluster.delete(ref);
  await cluster.apply(team('renewed'));
  const waiting = await phase('renewed', 'Pending');
  expect(condition(waiting, 'Started')).toMatchObject({ status: 'False', reason: 'NameTaken' });
  expect(await cluster.get(workflowRef('renewed'))).toBeUndefined();
  await cluster.patch(ref, { metadata: { finalizers: null } });
  await cluster.until(teamRef('renewed'), (now) => condition(now, 'Started')?.status === 'True');
  const claimed = await cluster.get(ref);
  expect(claimed?.metadata?.uid).not.toBe(old?.metadata?.uid);
  expect(claimed?.metadata?.deletionTimestamp).toBeUndefined();
});

test('a change after the start does not affect the run', async () => {
  await cluster.apply(team('changed'));
  await phase('changed', 'Pending');
  const before = await cluster.get(workflowRef('changed'));
  await cluster.apply(team('changed', { lead: { prompt: 'Something else.' } }));
  const stored = await cluster.until(
    teamRef('changed'),
    (now) => condition(now, 'SpecChanged')?.status === 'True' && now,
  );
  expect(condition(stored, 'SpecChanged').message).toContain('kubectl delete agentteam changed');
  const after = await cluster.get(workflowRef('changed'));
  expect(after?.metadata?.resourceVersion).toBe(before?.metadata?.resourceVersion);
});

test('a running team fails if its Workflow is deleted', async () => {
  await cluster.apply(team('robbed'));
  await phase('robbed', 'Pending');
  await cluster.delete(workflowRef('robbed'));
  const failed = await phase('robbed', 'Failed');
  expect(condition(failed, 'Complete')).toMatchObject({
    status: 'False',
    reason: 'WorkflowDeleted',
  });
  expect(await cluster.get(workflowRef('robbed'))).toBeUndefined();
});

test('deleting a running team stops its Workflow first', async () => {
  await cluster.apply(team('deleted'));
  await phase('deleted', 'Pending');
  await cluster.patch(workflowRef('deleted'), { status: { phase: 'Running' } });
  await phase('deleted', 'Initializing');
  await cluster.delete(teamRef('deleted'));
  await cluster.until(workflowRef('deleted'), (now) => now?.spec?.shutdown === 'Stop');
  expect(await cluster.get(teamRef('deleted'))).toBeDefined();
  await cluster.patch(workflowRef('deleted'), {
    status: { phase: 'Failed', message: 'Stopped', finishedAt: '2026-01-01T00:00:00Z' },
  });
  await cluster.until(teamRef('deleted'), (now) => now === undefined);
});

/** Ends a Workflow as Argo does. */
async function end(name: string, workflowPhase = 'Succeeded'): Promise<void> {
  const finishedAt = new Date().toISOString();
  await cluster.patch(workflowRef(name), {
    status: { phase: workflowPhase, startedAt: finishedAt, finishedAt },
  });
}

test('a team has a finalizer only while its Workflow runs', async () => {
  const finalizers = (stored: Stored | undefined) => stored?.metadata?.finalizers ?? [];
  await cluster.apply(team('held'));
  await cluster.until(teamRef('held'), (now) => finalizers(now).length === 1);
  await end('held', 'Failed');
  await cluster.until(teamRef('held'), (now) => finalizers(now).length === 0);
  // Act as a retry.
  await cluster.patch(workflowRef('held'), { status: { phase: 'Running', finishedAt: null } });
  await cluster.until(teamRef('held'), (now) => finalizers(now).length === 1);
});

test('a team is deleted after ttlSecondsAfterFinished', async () => {
  await cluster.apply(team('brief', { lifecycle: { ttlSecondsAfterFinished: 1 } }));
  await cluster.apply(team('lasting', { lifecycle: { ttlSecondsAfterFinished: 3600 } }));
  await phase('brief', 'Pending');
  await phase('lasting', 'Pending');
  await end('lasting');
  await phase('lasting', 'Completed');
  await end('brief');
  await cluster.until(teamRef('brief'), (now) => now === undefined);
  expect(await cluster.get(teamRef('lasting'))).toBeDefined();
});

test('reconciling an unchanged team writes nothing', async () => {
  await cluster.apply(team('quiet'));
  const stored = await phase('quiet', 'Pending');
  const writes = () => controller.metric('agentteam_api_requests_total', 'apply-status');
  const before = await writes();
  await cluster.patch(teamRef('quiet'), { metadata: { labels: { touched: 'yes' } } });
  // A later team is reconciled later: once it has a status, this reconcile has ended.
  await cluster.apply(team('after'));
  await phase('after', 'Pending');
  const now = await cluster.get(teamRef('quiet'));
  expect(now?.status).toEqual(stored.status);
  expect((await writes()) - before).toBe(1);
});

test('kubectl get -o wide shows an open gate', async () => {
  const lifecycle = { approvalGates: [{ event: 'deliver' }] };
  await cluster.apply(team('asking', { lifecycle }));
  await cluster.until(workflowRef('asking'), (now) => now);
  const gate = { id: 'g', name: 'asking.g', displayName: 'Approve-deliver', type: 'Suspend' };
  await cluster.patch(workflowRef('asking'), {
    status: { phase: 'Running', nodes: { g: { ...gate, phase: 'Running' } } },
  });
  await cluster.until(teamRef('asking'), (now) => now?.status?.approvals?.length === 1);
  const shown = async (...how: readonly string[]) =>
    (await cluster.kubectl('get', 'agentteam', 'asking', `-n=${NAMESPACE}`, ...how)).split('\n');
  expect((await shown())[0]).toMatch(/^NAME +PHASE +READY +TASKS DONE +COST +BUDGET +AGE$/);
  const [header = '', row = ''] = await shown('-o=wide');
  const column = row.slice(header.indexOf('GATE OPEN'), header.indexOf('QUESTION OPEN'));
  expect(column.trim()).toBe('True');
});

test('asks for approval again when a retry opens a stopped gate', async () => {
  const lifecycle = { approvalGates: [{ event: 'spawn-editor', channel: 'none' }] };
  await cluster.apply(team('reopened', { lifecycle }));
  await phase('reopened', 'Pending');
  const gate = { id: 'g', name: 'g', displayName: 'Approve-spawn-editor', type: 'Suspend' };
  const opened = async (startedAt: string) => {
    const nodes = { g: { ...gate, phase: 'Running', startedAt } };
    await cluster.patch(workflowRef('reopened'), {
      status: { phase: 'Running', startedAt, nodes },
    });
    // Events are recorded before the status.
    await cluster.until(
      teamRef('reopened'),
      (now) => now?.status?.approvals?.[0]?.openedAt === startedAt,
    );
    const all = await events('reopened');
    return all.filter(({ reason }) => reason === 'ApprovalRequired').length;
  };
  expect(await opened('2026-11-26T10:00:00Z')).toBe(1);
  expect(await opened('2026-11-26T11:00:00Z')).toBe(2);
});
