import { createHash } from 'node:crypto';
import type { NodeStatus } from '@agentteam/argo';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { find, render } from '../chart/helm.ts';
import {
  type Admission,
  eventually,
  letPeopleHaveTeams,
  refusal,
  startAdmission,
} from './admission.ts';
import { Cluster, type Stored } from './cluster.ts';
import { team, teamRef, workflowRef } from './teams.ts';

const NAMESPACE = 'approvals';
const EVENT = 'spawn-editor';
const GATE = 'Approve-spawn-editor';
const TWO = {
  approvers: { users: ['ada', 'bob'], groups: ['release-managers'] },
  requiredApprovals: 2,
};
const PEOPLE = [
  { name: 'ada', groups: ['people'] },
  { name: 'bob', groups: ['people'] },
  { name: 'eve', groups: ['people'] },
  { name: 'mallory', groups: ['people', 'operators'] },
];
const SUBMITTER = `--as=system:serviceaccount:${NAMESPACE}:agentteam-submitter`;
let cluster: Cluster;
let admission: Admission;

beforeAll(async () => {
  cluster = await Cluster.start(PEOPLE);
  await cluster.namespace(NAMESPACE);
  await letPeopleHaveTeams(cluster);
  // Argo's own roles grant this to everyone who can edit a namespace.
  await cluster.kubectl(
    ...['create', 'clusterrole', 'operator', '--resource=workflows.argoproj.io'],
    '--verb=get,list,create,update,patch,delete',
  );
  await cluster.kubectl(
    ...['create', 'clusterrolebinding', 'operators', '--clusterrole=operator'],
    '--group=operators',
  );
  await cluster.kubectl(
    ...['create', 'rolebinding', 'submitter', '--clusterrole=team-user', '-n', NAMESPACE],
    `--serviceaccount=${NAMESPACE}:agentteam-submitter`,
  );
  admission = await startAdmission(cluster, NAMESPACE);
  await guardWorkflows();
});
afterAll(async () => {
  await admission?.stop();
  await cluster?.stop();
});

const ANYTHING = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
/** As much of Argo's definition as the policy needs. */
const TASK_SETS = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'workflowtasksets.argoproj.io' },
  spec: {
    group: 'argoproj.io',
    scope: 'Namespaced',
    names: { kind: 'WorkflowTaskSet', plural: 'workflowtasksets', singular: 'workflowtaskset' },
    versions: [
      {
        ...{ name: 'v1alpha1', served: true, storage: true, subresources: { status: {} } },
        schema: {
          openAPIV3Schema: { type: 'object', properties: { spec: ANYTHING, status: ANYTHING } },
        },
      },
    ],
  },
};

/** Installs the chart's policy. The tests act as Argo with the administrator's account, as does the controller. */
async function guardWorkflows(): Promise<void> {
  const objects = await render({ argo: { accounts: ['admin'] } });
  for (const kind of ['ValidatingAdmissionPolicy', 'ValidatingAdmissionPolicyBinding']) {
    await cluster.apply(find(objects, kind));
  }
  // The API server applies a new policy only after some time.
  await cluster.kubectl(
    ...['create', '-f', cluster.file(ownedWorkflow('probe')), '--dry-run=server'],
  );
  await eventually(() =>
    cluster
      .kubectlAs(
        'mallory',
        'create',
        '-f',
        cluster.file(ownedWorkflow('probe')),
        '--dry-run=server',
      )
      .then(
        () => false,
        ({ stderr }: { stderr: string }) => stderr.includes('Only the agentteam controller'),
      ),
  );
}

const ownedWorkflow = (name: string): Stored => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Workflow',
  metadata: {
    name,
    namespace: NAMESPACE,
    ...{
      ownerReferences: [
        {
          apiVersion: 'claude.amcheste.io/v1alpha1',
          kind: 'AgentTeam',
          name,
          uid: '00000000-0000-0000-0000-000000000000',
        },
      ],
    },
  },
  spec: { entrypoint: 'team', templates: [{ name: 'team', dag: { tasks: [] } }] },
});

const gated = (name: string, gate: object, lifecycle: object = {}) =>
  team(
    name,
    { lifecycle: { approvalGates: [{ event: EVENT, ...gate }], ...lifecycle } },
    NAMESPACE,
  );
const applyAs = (user: string, object: Stored) =>
  cluster.kubectlAs(user, 'apply', `-f=${cluster.file(object)}`);
const annotate = (user: string, name: string, ...annotations: readonly string[]) =>
  cluster.kubectlAs(user, 'annotate', 'agentteam', name, `-n=${NAMESPACE}`, ...annotations);
const APPROVE = `approved.claude.amcheste.io/${EVENT}=true`;
const REJECT = `approved.claude.amcheste.io/${EVENT}=false`;
const reason = (text: string) => `reason.claude.amcheste.io/${EVENT}=${text}`;

const idOf = (name: string) => `${name}-1`;

/** Opens the gate as Argo does. */
async function openGate(name: string, startedAt = now()): Promise<void> {
  const id = idOf(name);
  const workflow = await cluster.until(workflowRef(name, NAMESPACE), (seen) => seen);
  const template = workflow.spec.templates.find(
    (one: { name: string }) => one.name === `approve-${EVENT}`,
  );
  await cluster.patch(workflowRef(name, NAMESPACE), {
    status: {
      phase: 'Running',
      startedAt,
      nodes: {
        [id]: {
          ...{ id, name: `${name}.${GATE}`, displayName: GATE, type: 'Suspend', phase: 'Running' },
          ...{ startedAt, templateName: `approve-${EVENT}`, outputs: template.outputs },
        },
      },
    },
  });
}

const now = () => new Date().toISOString().replace(/\.\d+Z$/, 'Z');

async function waiting(name: string, gate: object, lifecycle: object = {}, author = 'eve') {
  await applyAs(author, gated(name, gate, lifecycle));
  await openGate(name);
}

const gateNode = (workflow: Stored | undefined): NodeStatus | undefined =>
  Object.values<NodeStatus>(workflow?.status?.nodes ?? {}).find(
    ({ displayName }) => displayName === GATE,
  );

/** Whether Argo starts the step behind the gate: evaluates its condition as Argo does. */
function opens(workflow: Stored | undefined): boolean {
  const tasks = workflow?.spec.templates.flatMap((one: Stored['spec']) => one.dag?.tasks ?? []);
  const { when } = tasks.find(({ name }: { name: string }) => name === 'editor');
  const hash = /^\{\{=sprig\.sha256sum\(.*\) == '([0-9a-f]{64})'\}\}$/.exec(when)?.[1];
  if (hash === undefined) throw new Error(`the condition is ${when}`);
  const outputs = gateNode(workflow)?.outputs?.parameters ?? [];
  const proof = outputs.find(({ name }) => name === 'proof')?.value ?? '';
  return createHash('sha256').update(proof).digest('hex') === hash;
}

const ended = (name: string) =>
  cluster.until(
    workflowRef(name, NAMESPACE),
    (seen) => gateNode(seen)?.phase === 'Succeeded' && seen,
  );
const approval = <T>(name: string, holds: (one: Stored['status']) => T | undefined | false) =>
  cluster.until(
    teamRef(name, NAMESPACE),
    (seen) => seen?.status?.approvals?.[0] && holds(seen.status.approvals[0]),
  );
const decided = (name: string) => approval(name, (one) => one.decision && one);
const eventsOf = async (name: string) => {
  const list = await cluster.list('v1', 'Event', NAMESPACE);
  return list
    .map((event) => event as Stored & { involvedObject: { name: string }; reason: string })
    .filter(({ involvedObject }) => involvedObject.name === name)
    .map(({ reason: word }) => word);
};

describe('a gate with approvers', () => {
  test('opens by their votes, and the status names exactly them and their reasons', async () => {
    await waiting('voted', TWO);
    await annotate('ada', 'voted', APPROVE, reason('read it'));
    await annotate('bob', 'voted', APPROVE);
    expect(opens(await ended('voted'))).toBe(true);
    expect(await decided('voted')).toMatchObject({
      ...{ decision: 'approve', by: 'ada, bob', reason: 'read it' },
    });
  });

  test.each<[string, object]>([
    ['a WorkflowTaskResult', {}],
    ['argo node set and argo resume', { phase: 'Succeeded', finishedAt: now() }],
  ])('does not open by %s with a forged approval', async (how, ending) => {
    const name = how.includes('resume') ? 'resumed' : 'result';
    await waiting(name, TWO);
    const claim = { decision: 'approve', 'decided-by': 'ada', reason: 'forged', proof: 'forged' };
    const parameters = Object.entries(claim).map(([output, value]) => ({ name: output, value }));
    await cluster.patch(workflowRef(name, NAMESPACE), {
      status: { nodes: { [idOf(name)]: { ...ending, outputs: { parameters } } } },
    });
    const attempted = await approval(name, (one) => one.attempted && one);
    expect(attempted).not.toHaveProperty('by');
    expect(attempted.decision).toBe('phase' in ending ? 'reject' : undefined);
    await eventually(async () => (await eventsOf(name)).includes('ApprovalBypassAttempted'));
    if ('phase' in ending) {
      expect(opens(await ended(name))).toBe(false);
      return;
    }
    // The forged values have no effect: the approvers decide.
    await annotate('ada', name, APPROVE);
    await annotate('bob', name, APPROVE);
    expect(opens(await ended(name))).toBe(true);
    expect(await decided(name)).toMatchObject({ by: 'ada, bob', attempted: attempted.attempted });
  });

  test('is rejected without a name when its time limit expires, even after a restart', async () => {
    await waiting('timed', TWO, { approvalTimeout: '3s' });
    const { spec } = await cluster.until(workflowRef('timed', NAMESPACE), (seen) => seen);
    const gate = spec.templates.find(({ suspend }: { suspend?: object }) => suspend !== undefined);
    expect(gate.suspend).toEqual({});
    await annotate('ada', 'timed', APPROVE);
    await admission.restart();
    expect(opens(await ended('timed'))).toBe(false);
    const record = await decided('timed');
    expect(record).toMatchObject({ decision: 'reject', via: 'timeout' });
    expect(record).not.toHaveProperty('by');
    expect(Date.parse(record.decidedAt) - Date.parse(record.openedAt)).toBeGreaterThanOrEqual(3000);
  });

  test('has a key that survives a restart of the controller', async () => {
    await waiting('kept', TWO);
    await annotate('ada', 'kept', APPROVE);
    await admission.restart();
    await annotate('bob', 'kept', APPROVE);
    expect(opens(await ended('kept'))).toBe(true);
  });

  test('is rejected by one vote', async () => {
    await waiting('vetoed', TWO);
    await annotate('bob', 'vetoed', REJECT, reason('too dear'));
    expect(opens(await ended('vetoed'))).toBe(false);
    expect(await decided('vetoed')).toMatchObject({
      ...{ decision: 'reject', by: 'bob', reason: 'too dear' },
    });
  });
});

describe('the Workflow of a team with such a gate', () => {
  const patchAs = (user: string, name: string, patch: object) =>
    cluster.kubectlAs(
      ...[user, 'patch', 'workflow', name, `-n=${NAMESPACE}`, '--type=merge'],
      `-p=${JSON.stringify(patch)}`,
    );

  test('can be changed only by Argo and the controller', async () => {
    await waiting('guarded', TWO);
    const { spec } = await cluster.until(workflowRef('guarded', NAMESPACE), (seen) => seen);
    const templates = spec.templates.map((one: Stored['spec']) =>
      JSON.parse(JSON.stringify(one).replace(/\{\{=sprig[^}]*\}\}/, 'true == true')),
    );
    const id = idOf('guarded');
    const step = { id: 'guarded-2', name: 'guarded.editor', type: 'Pod', phase: 'Pending' };
    const attempts: Readonly<Record<string, object>> = {
      'another condition': { spec: { templates } },
      'another entrypoint': { spec: { entrypoint: 'lead' } },
      'less of the spec': { spec: { onExit: null } },
      'a step that nobody began': { status: { nodes: { 'guarded-2': step } } },
      'a step of another template': {
        status: { nodes: { [id]: { templateName: 'agent-editor' } } },
      },
      'an end': { status: { phase: 'Succeeded', finishedAt: '2026-01-01T00:01:00Z' } },
      'a template that Argo is to remember': { status: { storedTemplates: { x: { name: 'x' } } } },
      'steps that nobody can read': { status: { compressedNodes: 'H4sI' } },
      'no label': { metadata: { labels: { 'claude.amcheste.io/gates': null } } },
      'another owner': { metadata: { ownerReferences: null } },
      'another spec': { metadata: { annotations: { 'claude.amcheste.io/spec': 'x' } } },
      'steps to repeat': { metadata: { annotations: { 'claude.amcheste.io/changed-steps': 'x' } } },
    };
    for (const [what, patch] of Object.entries(attempts)) {
      const said = await refusal(patchAs('mallory', 'guarded', patch));
      expect(`${what}: ${said}`).toContain('ValidatingAdmissionPolicy');
    }
    // The usual operations of people who run Workflows.
    await patchAs('mallory', 'guarded', { spec: { suspend: true } });
    await patchAs('mallory', 'guarded', { spec: { suspend: null } });
    await patchAs('mallory', 'guarded', {
      metadata: { labels: { 'workflows.argoproj.io/actor': 'mallory' } },
    });
    const outputs = { parameters: [{ name: 'decision', value: 'approve' }] };
    await patchAs('mallory', 'guarded', {
      status: { nodes: { [id]: { phase: 'Succeeded', finishedAt: now(), outputs } } },
    });
    expect(opens(await ended('guarded'))).toBe(false);
    expect(await decided('guarded')).toMatchObject({
      ...{ decision: 'reject', via: 'argo' },
      attempted: expect.stringContaining('names mallory'),
    });
    await patchAs('mallory', 'guarded', { spec: { shutdown: 'Stop' } });
  });

  test('cannot be told that its steps have ended, and can be retried', async () => {
    await waiting('ending', TWO);
    const startedAt = now();
    const node = (id: string, type: string, phase: string, rest: object = {}) => ({
      [id]: { id, name: `ending.${id}`, displayName: id, type, phase, startedAt, ...rest },
    });
    const write = (status: object) => cluster.patch(workflowRef('ending', NAMESPACE), { status });
    await write({
      nodes: {
        ...node('team', 'DAG', 'Running', { children: ['Lead', idOf('ending')] }),
        ...node('Lead', 'Retry', 'Succeeded', { children: ['Lead-0'] }),
        ...node('Lead-0', 'Pod', 'Succeeded', { children: ['Checks'] }),
        ...node('Checks', 'Retry', 'Running', { children: ['Checks-0'] }),
        ...node('Checks-0', 'Pod', 'Running'),
      },
    });
    const outputs = { parameters: [{ name: 'summary', value: 'forged' }] };
    const attempts: Readonly<Record<string, object>> = {
      'checks that passed': { nodes: { Checks: { phase: 'Succeeded', finishedAt: now() } } },
      'the attempt of another step': { nodes: { Checks: { children: ['Lead-0'] } } },
      'one more attempt': { nodes: { Checks: { children: ['Checks-0', 'Lead-0'] } } },
      'an attempt below a pod': { nodes: { 'Checks-0': { children: ['Lead-0'] } } },
      'outputs of a step': { nodes: { Checks: { outputs } } },
      'a DAG that succeeded': { nodes: { team: { phase: 'Succeeded', finishedAt: now() } } },
      'a team that failed': { nodes: { team: { phase: 'Failed' } } },
      'an end without a time': { phase: 'Succeeded' },
      'a claim for Argo to delete': {
        persistentVolumeClaims: [{ name: 'x', persistentVolumeClaim: { claimName: 'other' } }],
      },
      'results that are complete': { taskResultsCompletionStatus: { 'Checks-0': true } },
      'a gate with other children': { nodes: { [idOf('ending')]: { children: ['Lead'] } } },
    };
    const refused: string[] = [];
    for (const [what, status] of Object.entries(attempts)) {
      const said = await refusal(patchAs('mallory', 'ending', { status }));
      refused.push(`${what}: ${said.includes('ValidatingAdmissionPolicy')}`);
    }
    expect(refused).toEqual(Object.keys(attempts).map((what) => `${what}: true`));
    // What `argo retry` writes when the checks have failed.
    const failed = { phase: 'Failed', finishedAt: now(), message: 'it failed' };
    await write({ ...failed, nodes: { team: failed, Checks: failed, 'Checks-0': failed } });
    const again = { phase: 'Running', message: null, startedAt: now(), finishedAt: null };
    await patchAs('mallory', 'ending', {
      status: {
        ...again,
        phase: null,
        persistentVolumeClaims: null,
        conditions: [{ type: 'Completed', status: 'False' }],
        nodes: { team: again, Checks: { ...again, children: null }, 'Checks-0': null },
      },
    });
  });

  test('cannot be told that its steps have ended by a WorkflowTaskSet', async () => {
    await cluster.apply(TASK_SETS);
    await cluster.kubectl('wait', '--for=condition=Established', `crd/${TASK_SETS.metadata.name}`);
    const set = cluster.file({
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'WorkflowTaskSet',
      metadata: { name: 'ending', namespace: NAMESPACE },
      spec: {},
    });
    const account = `--as=system:serviceaccount:${NAMESPACE}:anybody`;
    const status = JSON.stringify({ status: { nodes: { Checks: { phase: 'Succeeded' } } } });
    const patched = ['patch', 'workflowtaskset', 'ending', `-n=${NAMESPACE}`, '--type=merge'];
    const fill = [...patched, '--subresource=status', `-p=${status}`];
    await cluster.kubectl(
      ...['create', 'clusterrole', 'sets', '--verb=*', '--resource=workflowtasksets.argoproj.io'],
      '--resource=workflowtasksets.argoproj.io/status',
    );
    await cluster.kubectl(
      ...['create', 'clusterrolebinding', 'sets', '--clusterrole=sets', '--user=mallory'],
      ...[`--serviceaccount=${NAMESPACE}:anybody`, '--serviceaccount=argo:unlisted'],
    );
    const said = "Only Argo's controller can write WorkflowTaskSets";
    await eventually(async () =>
      cluster.kubectlAs('mallory', 'create', '-f', set).then(
        () => cluster.kubectl('delete', '-f', set).then(() => false),
        ({ stderr }: { stderr: string }) => stderr.includes(said),
      ),
    );
    expect(await refusal(cluster.kubectl(account, 'create', '-f', set))).toContain(said);
    // Argo's controller, and the pod that it starts for the tasks of a set.
    await cluster.kubectl('--as=system:serviceaccount:argo:unlisted', 'create', '-f', set);
    await cluster.kubectl(account, ...fill);
    expect(await refusal(cluster.kubectlAs('mallory', ...fill))).toContain(said);
  });

  test('cannot be given to a team afterwards', async () => {
    const { metadata, ...other } = ownedWorkflow('taken');
    const { ownerReferences, ...own } = metadata ?? {};
    await cluster.apply({ ...other, metadata: own } as Stored);
    const given = patchAs('mallory', 'taken', { metadata: { ownerReferences } });
    expect(await refusal(given)).toContain('ValidatingAdmissionPolicy');
    // The same uid in an owner of another kind, as a first step.
    const others = ownerReferences?.map((owner) => ({ ...owner, kind: 'ConfigMap' }));
    const changes = [
      others?.map((owner) => ({ ...owner, apiVersion: 'v1' })),
      others,
      ownerReferences?.map((owner) => ({ ...owner, apiVersion: 'v1' })),
    ];
    for (const first of changes) {
      await patchAs('mallory', 'taken', { metadata: { ownerReferences: first } });
      const next = patchAs('mallory', 'taken', { metadata: { ownerReferences } });
      expect(await refusal(next)).toContain('ValidatingAdmissionPolicy');
    }
  });

  test('can be created only by the controller', async () => {
    const made = cluster.kubectlAs('mallory', 'create', '-f', cluster.file(ownedWorkflow('mine')));
    expect(await refusal(made)).toContain('Only the agentteam controller can create Workflows');
  });

  test('can be changed by its users if no gate has approvers', async () => {
    await waiting('free', {});
    const labels = { 'example.com/mine': 'yes' };
    await patchAs('mallory', 'free', { metadata: { labels }, spec: { priority: 7 } });
    await patchAs('mallory', 'free', {
      status: {
        nodes: {
          [idOf('free')]: {
            phase: 'Succeeded',
            finishedAt: now(),
            outputs: { parameters: [{ name: 'decision', value: 'approve' }] },
          },
        },
      },
    });
    expect(await decided('free')).toMatchObject({ decision: 'approve', via: 'argo' });
  });

  test('is reported if its condition was changed anyway, and its gate stays closed', async () => {
    await waiting('altered', TWO);
    const { spec } = await cluster.until(workflowRef('altered', NAMESPACE), (seen) => seen);
    const templates = JSON.parse(
      JSON.stringify(spec.templates).replace(/== '[0-9a-f]{64}'/, `== '${'1'.repeat(64)}'`),
    );
    await cluster.patch(workflowRef('altered', NAMESPACE), { spec: { templates } });
    await cluster.until(teamRef('altered', NAMESPACE), (seen) =>
      seen?.status?.conditions?.some(
        ({ type, status }: Stored['status']) => type === 'GatesAltered' && status === 'True',
      ),
    );
    await eventually(async () => (await eventsOf('altered')).includes('GatesAltered'));
  });
});

test('a team is stopped if the condition was removed from its Workflow', async () => {
  await waiting('unguarded', TWO);
  const { spec } = await cluster.until(workflowRef('unguarded', NAMESPACE), (seen) => seen);
  const templates = JSON.parse(
    JSON.stringify(spec.templates).replace(/\{\{=sprig[^}]*\}\}/, 'approve == approve'),
  );
  await cluster.patch(workflowRef('unguarded', NAMESPACE), { spec: { templates } });
  await cluster.until(
    workflowRef('unguarded', NAMESPACE),
    (seen) => seen?.spec.shutdown === 'Stop',
  );
  await eventually(async () => (await eventsOf('unguarded')).includes('GatesAltered'));
});

test('a gate before a delivery that does not happen stops nothing', async () => {
  const gates = [
    { event: EVENT, ...TWO },
    { event: 'deliver', ...TWO },
  ];
  await applyAs('eve', team('quiet', { lifecycle: { approvalGates: gates } }, NAMESPACE));
  await openGate('quiet');
  await annotate('ada', 'quiet', APPROVE);
  await annotate('bob', 'quiet', APPROVE);
  const workflow = await ended('quiet');
  expect(opens(workflow)).toBe(true);
  expect(workflow.spec).not.toHaveProperty('shutdown');
});

describe('votes are for one spec', () => {
  /** A team that cannot start, because somebody else's Workflow has its name. */
  async function pending(name: string, gate: object): Promise<void> {
    const { metadata, ...other } = ownedWorkflow(name);
    const labels = { 'claude.amcheste.io/team': name };
    await cluster.apply({ ...other, metadata: { name, namespace: NAMESPACE, labels } });
    await applyAs('eve', gated(name, gate));
    await cluster.until(teamRef(name, NAMESPACE), (seen) => seen?.status?.phase === 'Pending');
  }
  const changed = (name: string, gate: object) => {
    const object = gated(name, gate);
    return { ...object, spec: { ...object.spec, lead: { prompt: 'Delete everything.' } } };
  };
  const freeName = (name: string) =>
    cluster.kubectl('delete', 'workflow', name, `-n=${NAMESPACE}`, '--wait');

  test('a change before the start voids them, with a warning and a condition', async () => {
    await pending('revised', TWO);
    await annotate('ada', 'revised', APPROVE);
    await annotate('bob', 'revised', APPROVE);
    // kubectl prints warnings on its standard error.
    await applyAs('eve', changed('revised', TWO));
    const told = await cluster.until(teamRef('revised', NAMESPACE), (seen) =>
      seen?.status?.conditions?.find(
        ({ type, status }: Stored['status']) => type === 'VotesVoided' && status === 'True',
      ),
    );
    expect(told.message).toContain('ada, bob');
    await eventually(async () => (await eventsOf('revised')).includes('VotesVoided'));
    await freeName('revised');
    await openGate('revised');
    expect(await approval('revised', (one) => one.voided)).toEqual(['ada', 'bob']);
    await annotate('ada', 'revised', APPROVE);
    expect(gateNode(await cluster.get(workflowRef('revised', NAMESPACE)))?.phase).toBe('Running');
    await annotate('bob', 'revised', APPROVE);
    expect(opens(await ended('revised'))).toBe(true);
  });

  test('the same holds for a gate without approvers', async () => {
    await pending('revised-too', {});
    await annotate('ada', 'revised-too', APPROVE);
    await applyAs('eve', changed('revised-too', {}));
    const { metadata } = (await cluster.get(teamRef('revised-too', NAMESPACE))) ?? {};
    expect(metadata?.annotations).not.toHaveProperty(`approved.claude.amcheste.io/${EVENT}`);
  });

  test('a vote before the gate opens counts for the same spec', async () => {
    await pending('early', { approvers: { users: ['ada'] } });
    await annotate('ada', 'early', APPROVE);
    await applyAs('eve', gated('early', { approvers: { users: ['ada'] } }));
    await freeName('early');
    await openGate('early');
    expect(opens(await ended('early'))).toBe(true);
  });

  test('nobody can vote on a run after the spec of its team has changed', async () => {
    await waiting('moved', TWO);
    await applyAs('eve', changed('moved', TWO));
    await cluster.until(teamRef('moved', NAMESPACE), (seen) =>
      seen?.status?.conditions?.some(
        ({ type, status }: Stored['status']) => type === 'SpecChanged' && status === 'True',
      ),
    );
    expect(await refusal(annotate('ada', 'moved', APPROVE))).toContain('restore the spec');
    await applyAs('eve', gated('moved', TWO));
    await eventually(() =>
      annotate('ada', 'moved', APPROVE).then(
        () => true,
        () => false,
      ),
    );
    await annotate('bob', 'moved', APPROVE);
    expect(opens(await ended('moved'))).toBe(true);
  });

  test('nobody approves for a retry what they have changed during the run', async () => {
    const gate = { approvers: { users: ['ada', 'bob'] }, allowAuthor: false };
    await applyAs('eve', gated('amended', gate));
    await cluster.until(teamRef('amended', NAMESPACE), (seen) => seen?.status?.workflow);
    await applyAs('bob', changed('amended', gate));
    const times = { startedAt: now(), finishedAt: now() };
    await cluster.patch(workflowRef('amended', NAMESPACE), {
      status: { phase: 'Failed', ...times },
    });
    await cluster.until(teamRef('amended', NAMESPACE), (seen) => {
      const { conditions = [], phase } = seen?.status ?? {};
      const same = conditions.find(({ type }: Stored['status']) => type === 'SpecChanged');
      return phase === 'Failed' && same?.status === 'False';
    });
    const said = await refusal(annotate('bob', 'amended', APPROVE));
    expect(said).toContain("bob changed the team's spec and may not answer this gate");
    await annotate('ada', 'amended', APPROVE);
  });

  test('nobody votes in the request that makes others the approvers', async () => {
    await pending('swapped', {});
    const object = gated('swapped', { approvers: { users: ['ada'] } });
    const annotations = { [`approved.claude.amcheste.io/${EVENT}`]: 'true' };
    const asked = applyAs('mallory', { ...object, metadata: { ...object.metadata, annotations } });
    expect(await refusal(asked)).toContain('Answer it in a request of its own');
  });
});

const ours = (kind: string, name: string, spec: object): Stored => ({
  apiVersion: 'claude.amcheste.io/v1alpha1',
  ...{ kind, metadata: { name, namespace: NAMESPACE }, spec },
});
const runOf = (template: string, name: string, lifecycle: object = {}) =>
  ours('AgentTeamRun', name, {
    ...{ templateRef: { name: template }, workspace: { output: {} } },
    ...{ auth: { apiKeySecret: 'anthropic' }, lead: { prompt: 'Coordinate.' }, lifecycle },
  });
const pattern = (name: string, spec: object) =>
  ours('AgentTeamTemplate', name, {
    teammates: [
      { name: 'writer', prompt: 'Write it.' },
      { name: 'editor', prompt: 'Edit it.', dependsOn: ['writer'] },
    ],
    ...spec,
  });
async function template(name: string, spec: object): Promise<void> {
  await cluster.apply(pattern(name, spec));
  await cluster.until(
    { ...teamRef(name, NAMESPACE), kind: 'AgentTeamTemplate' },
    (seen) => seen?.status?.ready,
  );
}

describe('the author of a team', () => {
  const four = { approvers: { users: ['ada', 'bob'] }, allowAuthor: false };

  test('is unknown for a run that a service account creates, so a gate that excludes authors is refused', async () => {
    await template('mailing', { lifecycle: { approvalGates: [{ event: EVENT, ...four }] } });
    const run = cluster.file(runOf('mailing', 'viaargo-team'));
    const said = await refusal(cluster.kubectl(SUBMITTER, 'create', `-f=${run}`));
    expect(said).toContain('because a service account creates or changes it');
    const direct = cluster.file(gated('by-account', four));
    expect(await refusal(cluster.kubectl(SUBMITTER, 'create', `-f=${direct}`))).toContain(
      'because a service account creates or changes it',
    );
  });

  test('is unknown, whatever the service account claims', async () => {
    const claimed = runOf('mailing', 'claimed', { approvalGates: [{ event: EVENT, ...TWO }] });
    const run = {
      ...claimed,
      metadata: { ...claimed.metadata, annotations: { 'claude.amcheste.io/author': 'eve' } },
    };
    await cluster.kubectl(SUBMITTER, 'create', `-f=${cluster.file(run)}`);
    const made = await cluster.until(teamRef('claimed', NAMESPACE), (seen) => seen);
    expect(made.metadata?.annotations).toMatchObject({ 'claude.amcheste.io/author': 'unknown' });
    // Two approvers are two people, whoever the author is.
    await openGate('claimed');
    await annotate('ada', 'claimed', APPROVE);
    await annotate('bob', 'claimed', APPROVE);
    expect(opens(await ended('claimed'))).toBe(true);
  });
});

describe('rules that a template enforces', () => {
  const bounds = {
    budgetLimit: '5.00',
    timeout: '1h',
    approvalGates: [{ event: EVENT, ...TWO }],
  };
  const looser: readonly [string, object][] = [
    ['lifecycle.approvalGates', { approvalGates: [] }],
    ['lifecycle.approvalGates', { approvalGates: [{ event: EVENT }] }],
    ['lifecycle.budgetLimit', { budgetLimit: '5000.00' }],
    ['lifecycle.timeout', { timeout: '2h' }],
  ];
  beforeAll(() =>
    template('strict', { enforced: ['gates', 'budget', 'timeout'], lifecycle: bounds }),
  );

  test.each(looser)('cannot be relaxed by a run: %s', async (field, lifecycle) => {
    const said = await refusal(applyAs('eve', runOf('strict', 'loose', lifecycle)));
    expect(said).toContain(field);
    expect(said).toContain('template `strict` enforces');
  });

  test('apply to a run that was created before its template', async () => {
    await applyAs('eve', runOf('later', 'waited', { budgetLimit: '6.00' }));
    await template('later', { enforced: ['budget'], lifecycle: { budgetLimit: '5.00' } });
    const failed = await cluster.until(
      { ...teamRef('waited', NAMESPACE), kind: 'AgentTeamRun' },
      (seen) => seen?.status?.phase === 'Failed' && seen.status,
    );
    const started = failed.conditions.find(({ type }: Stored['status']) => type === 'Started');
    expect(started).toMatchObject({ reason: 'Invalid' });
    expect(started.message).toContain('enforces `budget`');
  });

  test('apply to changes of the team of a run', async () => {
    await applyAs('eve', runOf('strict', 'tight', { budgetLimit: '4.00' }));
    const made = await cluster.until(teamRef('tight', NAMESPACE), (seen) => seen);
    const patch = { spec: { lifecycle: { budgetLimit: '9.00' } } };
    const patched = (user: string, change: object) =>
      cluster.kubectlAs(
        ...[user, 'patch', 'agentteam', 'tight', `-n=${NAMESPACE}`, '--type=merge'],
        `-p=${JSON.stringify(change)}`,
      );
    expect(made.spec.lifecycle.budgetLimit).toBe('4.00');
    await patched('eve', { metadata: { annotations: { 'claude.amcheste.io/template': null } } });
    expect(await refusal(patched('eve', patch))).toContain('enforces `budget`');
  });

  test('must be set by the template', async () => {
    const said = await refusal(
      applyAs('eve', pattern('empty', { enforced: ['budget'], lifecycle: { timeout: '1h' } })),
    );
    expect(said).toContain('does not set lifecycle.budgetLimit');
  });
});
