import { delimiter, dirname } from 'node:path';
import type { NodeStatus } from '@agentteam/argo';
import { expect, test } from '@jest/globals';
import { agentteam } from '../cli/cli.ts';
import type { Stored } from '../controller/cluster.ts';
import { argo, argoProgram } from './site.ts';
import type { Stage } from './stage.ts';
import { small, useStages } from './stages.ts';

const { site, open } = useStages();
const EVENT = 'spawn-editor';
const GATE = `Approve-${EVENT}`;
const TWO = { event: EVENT, approvers: { users: ['ada', 'bob'] }, requiredApprovals: 2 };
const APPROVE = `approved.claude.amcheste.io/${EVENT}=true`;
const TEAM_KINDS =
  'agentteams.claude.amcheste.io,agentteamtemplates.claude.amcheste.io,agentteamruns.claude.amcheste.io';

/** User names of Argo's controllers, which alone may write the nodes of Workflows. */
async function argoAccounts(): Promise<readonly string[]> {
  const all = JSON.parse(await site().cluster.kubectl('get', 'deployments', '-A', '-o', 'json'));
  return (all.items as Stored[])
    .filter(({ spec }) =>
      spec.template.spec.containers.some(({ image }: { image: string }) =>
        image.includes('workflow-controller'),
      ),
    )
    .map(
      ({ metadata, spec }) =>
        `system:serviceaccount:${metadata?.namespace}:${spec.template.spec.serviceAccountName}`,
    );
}

/**
 * A team at a gate, its approvers ada and bob, and mallory, who has the rights that Argo's roles give to
 * every editor of a namespace.
 */
async function atGate(name: string, lifecycle: object): Promise<Stage> {
  const at = await open({
    team: small(name, lifecycle),
    values: { webhook: { enabled: true }, argo: { accounts: await argoAccounts() } },
  });
  await letIn(at);
  await at.start();
  await at.until((status) =>
    status.approvals?.some(({ event }: { event: string }) => event === EVENT),
  );
  return at;
}

async function letIn(at: Stage): Promise<void> {
  const verbs = '--verb=get,list,create,update,patch';
  await at.kubectl('create', 'role', 'teams', verbs, `--resource=${TEAM_KINDS}`);
  await at.kubectl(
    ...['create', 'role', 'operator', verbs],
    '--resource=workflows.argoproj.io,workflowtaskresults.argoproj.io',
  );
  await at.kubectl('create', 'rolebinding', 'teams', '--role=teams', '--user=ada', '--user=bob');
  await at.kubectl('create', 'rolebinding', 'operators', '--role=operator', '--user=mallory');
}

const vote = (at: Stage, user: string, name: string) =>
  at.kubectl('annotate', 'agentteam', name, APPROVE, `--as=${user}`);
const nodes = async (at: Stage): Promise<readonly NodeStatus[]> =>
  Object.values<NodeStatus>((await at.workflow())?.status?.nodes ?? {});
const nodeOf = async (at: Stage, displayName: string): Promise<NodeStatus | undefined> =>
  (await nodes(at)).find((node) => node.displayName === displayName);

/** A WorkflowTaskResult, which Argo's executor writes at the end of a step, forged for the gate. */
async function forgeResult(at: Stage, workflow: string): Promise<void> {
  const { id = '' } = (await nodeOf(at, GATE)) ?? {};
  const claim = { decision: 'approve', 'decided-by': 'ada', reason: 'forged', proof: 'forged' };
  const result = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'WorkflowTaskResult',
    metadata: {
      name: id,
      namespace: at.namespace,
      labels: { 'workflows.argoproj.io/workflow': workflow },
    },
    outputs: {
      parameters: Object.entries(claim).map(([name, value]) => ({ name, value })),
    },
  };
  const file = site().cluster.file(result as unknown as Stored);
  await at.kubectl('create', '-f', file, '--as=mallory');
  await at.workflowIs(({ status }) =>
    Object.values<NodeStatus>(status.nodes).some(
      ({ displayName, outputs }) =>
        displayName === GATE && outputs?.parameters?.some(({ value }) => value === 'forged'),
    ),
  );
}

test('a gate with two approvers opens after both have approved, and its record names them', async () => {
  const at = await atGate('voted', { approvalGates: [TWO] });
  await vote(at, 'ada', 'voted');
  await vote(at, 'bob', 'voted');
  const status = await at.ended();
  expect(status).toMatchObject({
    phase: 'Completed',
    ready: '2/2',
    approvals: [{ decision: 'approve', by: 'ada, bob' }],
  });
  expect(await nodeOf(at, 'editor')).toMatchObject({ phase: 'Succeeded' });
});

test('a forged WorkflowTaskResult does not open a gate, not even at its deadline, and is reported', async () => {
  const at = await atGate('timed', { approvalGates: [TWO], approvalTimeout: '60s' });
  await forgeResult(at, 'timed');
  const status = await at.ended();
  expect(status).toMatchObject({
    phase: 'Failed',
    approvals: [{ decision: 'reject', via: 'timeout', attempted: expect.any(String) }],
  });
  expect(status.approvals[0]).not.toHaveProperty('by');
  expect(await nodeOf(at, 'editor')).toMatchObject({ phase: 'Skipped' });
  const events = await at.kubectl('get', 'events', '-o', 'jsonpath={.items[*].reason}');
  expect(events).toContain('ApprovalBypassAttempted');
});

test('argo node set and argo resume do not open a restricted gate; a retry asks the approvers again', async () => {
  const at = await atGate('resumed', { approvalGates: [TWO] });
  const selector = ['--node-field-selector', `displayName=${GATE}`];
  for (const output of ['decision=approve', 'decided-by=ada']) {
    const set = ['node', 'set', 'resumed', '-n', at.namespace, ...selector];
    await argo(site(), ...set, '--output-parameter', output);
  }
  await argo(site(), 'resume', 'resumed', '-n', at.namespace, ...selector);
  const status = await at.ended();
  expect(status).toMatchObject({
    phase: 'Failed',
    approvals: [
      {
        decision: 'reject',
        via: 'argo',
        attempted: expect.stringContaining('without the approvers'),
      },
    ],
  });
  expect(status.approvals[0]).not.toHaveProperty('by');
  expect(await nodeOf(at, 'editor')).toMatchObject({ phase: 'Skipped' });
  const { kubeconfig, directory } = site().cluster;
  await agentteam(['retry', 'resumed', '-n', at.namespace, `--kubeconfig=${kubeconfig}`], {
    cwd: directory,
    env: { PATH: [dirname(argoProgram()), process.env['PATH']].join(delimiter) },
  });
  await at.until(
    ({ phase, approvals }) => phase === 'Running' && approvals?.[0] && !approvals[0].decision,
  );
  await vote(at, 'ada', 'resumed');
  await vote(at, 'bob', 'resumed');
  // The editor continues with the writer's files, which Argo has not deleted after the Workflow's success.
  expect(await at.ended()).toMatchObject({
    phase: 'Completed',
    approvals: [{ decision: 'approve', by: 'ada, bob' }],
  });
});

test('a user who may patch Workflows cannot change the steps behind a gate', async () => {
  const at = await atGate('guarded', { approvalGates: [TWO] });
  const { spec } = (await at.workflow()) as Stored;
  const templates = JSON.parse(
    JSON.stringify(spec.templates).replace(/\{\{=sprig[^}]*\}\}/, 'true == true'),
  );
  const forged = { id: 'guarded-1', name: 'guarded.editor', type: 'Pod', phase: 'Pending' };
  for (const patch of [{ spec: { templates } }, { status: { nodes: { 'guarded-1': forged } } }]) {
    const tried = at.kubectl(
      ...['patch', 'workflow', 'guarded', '--type=merge', '--as=mallory'],
      `-p=${JSON.stringify(patch)}`,
    );
    await expect(tried).rejects.toThrow(/ValidatingAdmissionPolicy/);
  }
  await argo(site(), 'stop', 'guarded', '-n', at.namespace);
  expect(await at.ended()).toMatchObject({ phase: 'Failed' });
});

test('of two gates, only the one without approvers opens by a plain resume', async () => {
  const at = await open({
    team: small('mixed', { approvalGates: [TWO, { event: 'spawn-writer' }] }),
    values: { webhook: { enabled: true }, argo: { accounts: await argoAccounts() } },
  });
  await letIn(at);
  await at.start();
  await at.until((status) => status.approvals?.[0]);
  await argo(site(), 'resume', 'mixed', '-n', at.namespace);
  await at.until((status) =>
    status.approvals?.some(({ event }: { event: string }) => event === EVENT),
  );
  await vote(at, 'ada', 'mixed');
  await vote(at, 'bob', 'mixed');
  expect(await at.ended()).toMatchObject({ phase: 'Completed', ready: '2/2' });
});
