import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Cluster, type Stored } from './cluster.ts';
import { ControllerProcess } from './process.ts';
import { team, teamRef, workflowRef } from './teams.ts';

const NAMESPACE = 'templates';
const API_VERSION = 'claude.amcheste.io/v1alpha1';
let cluster: Cluster;
let controller: ControllerProcess;
beforeAll(async () => {
  cluster = await Cluster.start();
  await cluster.namespace(NAMESPACE);
  controller = await ControllerProcess.start(
    cluster.kubeconfig,
    { AGENTTEAM_NAMESPACES: NAMESPACE, AGENTTEAM_LEADER_ELECTION: 'false' },
    'watching',
  );
});
afterAll(async () => {
  await controller?.stop();
  await cluster?.stop();
});

const templateRef = (name: string) =>
  ({ apiVersion: API_VERSION, kind: 'AgentTeamTemplate', name, namespace: NAMESPACE }) as const;
const runRef = (name: string) =>
  ({ apiVersion: API_VERSION, kind: 'AgentTeamRun', name, namespace: NAMESPACE }) as const;

function template(name: string, spec: object = {}): Stored {
  return {
    apiVersion: API_VERSION,
    kind: 'AgentTeamTemplate',
    metadata: { name, namespace: NAMESPACE },
    spec: {
      description: 'Reviews code.',
      teammates: [
        { name: 'reviewer', model: 'haiku', prompt: 'Review it.' },
        { name: 'tester', prompt: 'Test it.', dependsOn: ['reviewer'] },
      ],
      lifecycle: { timeout: '1h', budgetLimit: '5.00' },
      ...spec,
    },
  };
}

function run(name: string, of: string, spec: object = {}): Stored {
  return {
    apiVersion: API_VERSION,
    kind: 'AgentTeamRun',
    metadata: { name, namespace: NAMESPACE },
    spec: {
      templateRef: { name: of },
      repository: { url: 'git@github.com:acme/platform.git', branch: 'release/4.0' },
      auth: { apiKeySecret: 'anthropic' },
      lead: { prompt: 'Run a full review.' },
      ...spec,
    },
  };
}

const condition = (stored: Stored | undefined, type: string) =>
  stored?.status?.conditions?.find((one: { type: string }) => one.type === type);
const phase = (name: string, wanted: string) =>
  cluster.until(runRef(name), (now) => now?.status?.phase === wanted && now);
const ready = (name: string, wanted: boolean) =>
  cluster.until(templateRef(name), (now) => now?.status?.ready === wanted && now);

test('a run becomes a team of its template, and its own fields take precedence', async () => {
  await cluster.apply(template('review'));
  await ready('review', true);
  await cluster.apply(run('q4', 'review', { lifecycle: { timeout: '2h' } }));
  const stored = await phase('q4', 'Pending');
  expect(stored.status).toMatchObject({ team: 'q4', ready: '0/2', cost: '$0.00' });
  expect(condition(stored, 'Started')).toMatchObject({ status: 'True', reason: 'TeamCreated' });
  const made = await cluster.get(teamRef('q4', NAMESPACE));
  expect(made?.spec).toMatchObject({
    repository: { branch: 'release/4.0' },
    lead: { prompt: 'Run a full review.', model: 'opus' },
    teammates: [
      { name: 'reviewer', model: 'haiku' },
      { name: 'tester', model: 'sonnet' },
    ],
    lifecycle: { timeout: '2h', budgetLimit: '5.00', onComplete: 'notify' },
  });
  expect(made?.metadata?.ownerReferences).toMatchObject([{ kind: 'AgentTeamRun', name: 'q4' }]);
  expect(await cluster.get(workflowRef('q4', NAMESPACE))).toBeDefined();
});

test('a run shows the status of its team', async () => {
  await cluster.apply(template('shown'));
  await cluster.apply(run('shown-1', 'shown'));
  await phase('shown-1', 'Pending');
  await cluster.patch(workflowRef('shown-1', NAMESPACE), {
    status: {
      phase: 'Succeeded',
      startedAt: '2026-01-01T00:00:00Z',
      finishedAt: '2026-01-01T00:05:00Z',
    },
  });
  const stored = await phase('shown-1', 'Completed');
  expect(condition(stored, 'Complete')).toMatchObject({ status: 'True' });
  expect(stored.status).toMatchObject({ completedAt: '2026-01-01T00:05:00Z' });
});

test('a run waits for its template, and starts when it is created', async () => {
  await cluster.apply(run('early', 'late'));
  const waiting = await phase('early', 'Pending');
  expect(condition(waiting, 'Started')).toMatchObject({
    status: 'False',
    reason: 'TemplateNotFound',
  });
  await cluster.apply(template('late'));
  await cluster.until(runRef('early'), (now) => now?.status?.team === 'early');
});

test('an invalid template is not ready, and reports the reason', async () => {
  await cluster.apply(
    template('broken', {
      teammates: [{ name: 'a', prompt: 'A.', dependsOn: ['b'] }],
      lifecycle: { timeout: 'soon' },
    }),
  );
  const stored = await ready('broken', false);
  expect(condition(stored, 'Ready')).toMatchObject({ status: 'False', reason: 'Invalid' });
  expect(condition(stored, 'Ready').message).toContain('there is no teammate `b`');
  expect(condition(stored, 'Ready').message).toContain('spec.lifecycle.timeout');
  await cluster.apply(run('of-broken', 'broken'));
  const failed = await phase('of-broken', 'Failed');
  expect(condition(failed, 'Started')).toMatchObject({ status: 'False', reason: 'Invalid' });
  // Once the template is corrected, the refused runs start.
  await cluster.apply(template('broken'));
  await ready('broken', true);
  await cluster.until(runRef('of-broken'), (now) => now?.status?.team === 'of-broken');
});

test('does not adopt an existing team with the same name', async () => {
  await cluster.apply(team('mine', {}, NAMESPACE));
  await cluster.apply(template('any'));
  await cluster.apply(run('mine', 'any'));
  const failed = await phase('mine', 'Failed');
  expect(condition(failed, 'Started')).toMatchObject({ status: 'False', reason: 'NameTaken' });
});

test('a run that is created again waits for the deletion of the earlier team', async () => {
  await cluster.apply(template('twice'));
  await cluster.apply(run('again', 'twice'));
  const first = await cluster.until(runRef('again'), (now) => now?.status?.team === 'again' && now);
  await cluster.delete(runRef('again'));
  await cluster.until(runRef('again'), (now) => now === undefined);
  await cluster.apply(run('again', 'twice'));
  const waiting = await phase('again', 'Pending');
  expect(waiting.metadata?.uid).not.toBe(first.metadata?.uid);
  expect(condition(waiting, 'Started')).toMatchObject({ status: 'False', reason: 'NameTaken' });
  // Act as the garbage collector.
  await cluster.delete(teamRef('again', NAMESPACE));
  await cluster.until(runRef('again'), (now) => now?.status?.team === 'again');
});

test('offers a template to Argo’s users', async () => {
  await cluster.apply(template('offered'));
  const stored = await ready('offered', true);
  expect(stored.status.workflowTemplate).toBe('offered');
  const ref = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'WorkflowTemplate',
    name: 'offered',
    namespace: NAMESPACE,
  };
  const offer = await cluster.get(ref);
  expect(offer?.metadata?.ownerReferences).toMatchObject([{ kind: 'AgentTeamTemplate' }]);
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', namespace: NAMESPACE };
  expect(await cluster.get({ ...account, name: offer?.spec.serviceAccountName })).toBeDefined();
});

test('does not touch an existing WorkflowTemplate with the same name', async () => {
  const foreign = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'WorkflowTemplate',
    metadata: { name: 'foreign', namespace: NAMESPACE },
    spec: { entrypoint: 'mine' },
  };
  await cluster.apply(foreign);
  await cluster.apply(template('foreign'));
  const stored = await ready('foreign', true);
  expect(condition(stored, 'Ready')).toMatchObject({ reason: 'NameTaken' });
  const kept = await cluster.get({
    apiVersion: foreign.apiVersion,
    kind: foreign.kind,
    ...foreign.metadata,
  });
  expect(kept?.spec).toEqual({ entrypoint: 'mine' });
});
