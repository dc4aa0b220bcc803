import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { CLI } from '../../packages/runner/test/support/programs.ts';
import { Cluster, type Stored } from '../controller/cluster.ts';
import { NAMESPACE, team, teamRef, workflowRef } from '../controller/teams.ts';
import { agentteam, onCluster, started } from './cli.ts';

let cluster: Cluster;
let cli: ReturnType<typeof onCluster>;

beforeAll(async () => {
  cluster = await Cluster.start([{ name: 'grace', groups: [] }]);
  await cluster.namespace(NAMESPACE);
  cli = onCluster(cluster, NAMESPACE);
});
afterAll(async () => {
  await cluster?.stop();
});

/** Writes the status of a team as a controller would. */
const setStatus = (name: string, status: object) =>
  cluster.kubectl(
    ...['patch', 'agentteam', name, '-n', NAMESPACE, '--subresource=status', '--type=merge'],
    `-p=${JSON.stringify({ status })}`,
  );

/** A Workflow of the team, with the fields that the commands read. */
async function workflowOf(name: string, status: object): Promise<void> {
  const stored = await cluster.get(teamRef(name));
  const owner = { apiVersion: 'claude.amcheste.io/v1alpha1', kind: 'AgentTeam', name };
  await cluster.apply({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Workflow',
    metadata: {
      name,
      namespace: NAMESPACE,
      ownerReferences: [{ ...owner, uid: stored?.metadata?.uid ?? '' }],
    },
    spec: { entrypoint: 'team', templates: [{ name: 'agent-writer' }] },
    status,
  });
}

describe('a command works', () => {
  const env = () => ({ KUBECONFIG: cluster.kubeconfig });
  const list = (args: readonly string[], more: Readonly<Record<string, string>> = {}) =>
    agentteam(['list', ...args], { cwd: cluster.directory, env: { ...env(), ...more } });

  test('on this machine, unless an option or the environment names a cluster', async () => {
    await cluster.apply(team('seen'));
    expect((await list([])).stderr).toContain('/.agentteam. Use --dir');
    expect((await list(['-n', NAMESPACE])).stdout).toContain('seen');
    expect((await list(['--cluster'])).stderr).toContain(
      'There are no teams in namespace default. To run one, use agentteam submit team.yaml -n default;',
    );
    const asked = { AGENTTEAM_HOST: 'cluster' };
    expect((await list([], asked)).stderr).toContain('There are no teams in namespace default');
    expect((await list(['--dir=runs'], asked)).stderr).toContain('/runs. Use --dir');
    expect((await list(['-A'])).stdout).toMatch(/teams +seen/);
  });

  test('only on one of the two', async () => {
    const { exitCode, stderr } = await list(['--dir=runs', '-n', NAMESPACE]);
    expect({ exitCode }).toEqual({ exitCode: 2 });
    expect(stderr).toContain('--dir applies only to runs on this machine');
    expect(await list([], { AGENTTEAM_HOST: 'moon' })).toMatchObject({ exitCode: 2 });
  });

  test('on a cluster, and distinguishes a missing namespace from a missing CRD', async () => {
    const cwd = cluster.directory;
    await agentteam(['init', 'lost.yaml'], { cwd, env: env() });
    const submit = ['submit', 'lost.yaml', '-n', 'nowhere'];
    const { exitCode, stderr } = await agentteam(submit, { cwd, env: env() });
    expect({ exitCode }).toEqual({ exitCode: 1 });
    expect(stderr).toContain('there is no namespace nowhere');
    expect(stderr).toContain('kubectl create namespace nowhere');
  });

  test('always on a cluster as a plugin of kubectl', async () => {
    const plugin = join(cluster.directory, 'kubectl-agentteam');
    await symlink(CLI, plugin);
    const run = (...args: string[]) =>
      agentteam(args, { cwd: cluster.directory, env: env(), program: plugin });
    expect((await run('list')).stderr).toContain('There are no teams in namespace default');
    expect(await run('list', '--dir=runs')).toMatchObject({ exitCode: 2 });
  });
});

describe('gates', () => {
  const gated = (name: string) =>
    team(name, { lifecycle: { approvalGates: [{ event: 'spawn-editor' }] } });
  const annotations = async (name: string) =>
    (await cluster.get(teamRef(name)))?.metadata?.annotations;

  test('are answered by an annotation with a reason, which a second answer replaces', async () => {
    await cluster.apply(gated('gated'));
    await cli(['approve', 'gated', 'spawn-editor', '--reason', 'read it']);
    expect(await annotations('gated')).toEqual({
      'approved.claude.amcheste.io/spawn-editor': 'true',
      'reason.claude.amcheste.io/spawn-editor': 'read it',
      'by.claude.amcheste.io/spawn-editor': 'admin',
    });
    await cli(['reject', 'gated', 'spawn-editor']);
    expect(await annotations('gated')).toEqual({
      'approved.claude.amcheste.io/spawn-editor': 'false',
      'by.claude.amcheste.io/spawn-editor': 'admin',
    });
  });

  test('do not accept --by in a cluster', async () => {
    await cluster.apply(gated('signed'));
    const { exitCode, stderr } = await cli(['approve', 'signed', 'spawn-editor', '--by=ada']);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('your identity comes from your kubeconfig');
    expect(await annotations('signed')).toBeUndefined();
  });

  test('cannot be answered again after they were decided or ended', async () => {
    await cluster.apply(gated('decided'));
    const approval = { event: 'spawn-editor', decision: 'reject', by: 'grace' };
    await setStatus('decided', { phase: 'Running', approvals: [approval] });
    const again = await cli(['approve', 'decided', 'spawn-editor']);
    expect(again.stderr).toContain('was already rejected by grace');
    await setStatus('decided', { phase: 'Failed', approvals: [] });
    const late = await cli(['approve', 'decided', 'spawn-editor']);
    expect(late.stderr).toContain('decided has ended');
    expect([again.exitCode, late.exitCode]).toEqual([1, 1]);
  });

  test('accept one of several simultaneous answers, and the others learn who decided', async () => {
    await cluster.apply(gated('contested'));
    const openedAt = '2026-11-23T16:31:03Z';
    await setStatus('contested', {
      phase: 'Running',
      approvals: [{ event: 'spawn-editor', openedAt }],
    });
    const answers = await Promise.all(
      Array.from({ length: 4 }, (_, index) =>
        cli([index % 2 === 0 ? 'approve' : 'reject', 'contested', 'spawn-editor']),
      ),
    );
    const [winner, ...others] = answers.filter(({ exitCode }) => exitCode === 0);
    expect(others).toEqual([]);
    // No controller runs here, so the CLI reports that nothing has acted on the answer.
    expect(winner?.stdout).toMatch(
      /: (approved|rejected) \(the controller has not acted on the answer yet\)/,
    );
    for (const { exitCode, stderr } of answers) {
      if (exitCode !== 0) expect(stderr).toMatch(/was already \w+ by admin/);
    }
    const decision = winner?.stdout.includes('approved') ? 'true' : 'false';
    expect(await annotations('contested')).toMatchObject({
      'approved.claude.amcheste.io/spawn-editor': decision,
    });
  });

  test('of a stopped team accept no answer', async () => {
    await cluster.apply(gated('halted'));
    await setStatus('halted', { phase: 'Running' });
    const gate = { id: 'h', name: 'h', displayName: 'Approve-spawn-editor', type: 'Suspend' };
    const message = "Stopped with strategy 'Stop'";
    await workflowOf('halted', {
      phase: 'Running',
      nodes: { h: { ...gate, phase: 'Failed', message } },
    });
    const { exitCode, stderr } = await cli(['approve', 'halted', 'spawn-editor']);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`halted: gate spawn-editor is Failed: ${message}`);
    expect(await annotations('halted')).toBeUndefined();
  });

  test('can be answered with write access to teams only, without access to Workflows', async () => {
    await cluster.apply(gated('trusting'));
    await workflowOf('trusting', { phase: 'Running' });
    const rights = '--verb=get,list,patch --resource=agentteams.claude.amcheste.io';
    await cluster.kubectl('create', 'role', 'approver', '-n', NAMESPACE, ...rights.split(' '));
    await cluster.kubectl(
      ...['create', 'rolebinding', 'approver', '-n', NAMESPACE],
      ...['--role=approver', '--user=grace'],
    );
    const asGrace = `--kubeconfig=${cluster.kubeconfigOf('grace')}`;
    const invocation = { cwd: cluster.directory };
    const where = [asGrace, '-n', NAMESPACE];
    expect((await agentteam(['get', 'trusting', ...where], invocation)).exitCode).toBe(1);
    const answer = ['approve', 'trusting', 'spawn-editor', ...where];
    expect(await agentteam(answer, invocation)).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await annotations('trusting')).toMatchObject({
      'by.claude.amcheste.io/spawn-editor': 'grace',
    });
  });
});

describe('stop and retry', () => {
  test('stop shuts down the Workflow; a team that never started cannot be stopped', async () => {
    await cluster.apply(team('stopped'));
    expect((await cli(['stop', 'stopped'])).stderr).toContain('has not started');
    await workflowOf('stopped', { phase: 'Running' });
    expect((await cli(['stop', 'stopped'])).exitCode).toBe(0);
    expect((await cluster.get(workflowRef('stopped')))?.spec.shutdown).toBe('Stop');
  });

  test('stop resumes a Workflow that argo suspend has suspended, because Argo would ignore the shutdown', async () => {
    await cluster.apply(team('asleep'));
    await workflowOf('asleep', { phase: 'Running' });
    await cluster.kubectl(
      ...['patch', 'workflow', 'asleep', '-n', NAMESPACE, '--type=merge'],
      '-p={"spec":{"suspend":true}}',
    );
    expect((await cli(['stop', 'asleep'])).exitCode).toBe(0);
    const spec = (await cluster.get(workflowRef('asleep')))?.spec;
    expect(spec).toMatchObject({ shutdown: 'Stop' });
    expect(spec).not.toHaveProperty('suspend');
  });

  test('retry uses the argo CLI and reports if it is missing', async () => {
    await cluster.apply(team('again'));
    await workflowOf('again', { phase: 'Failed', finishedAt: '2026-11-23T16:31:03Z' });
    await setStatus('again', { phase: 'Running' });
    expect((await cli(['retry', 'again'])).stderr).toContain('again has not ended');
    await setStatus('again', { phase: 'Failed' });
    const { exitCode, stderr } = await cli(['retry', 'again']);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('the program argo, which is not on PATH');
    expect(stderr).toContain(`argo retry again -n ${NAMESPACE} --kubeconfig`);
    expect(await cli(['retry', 'again', '--gates=wait'])).toMatchObject({ exitCode: 2 });
  });

  test('retry removes the rejection of a gate, so that the gate opens again', async () => {
    const annotations = {
      'approved.claude.amcheste.io/deliver': 'false',
      'reason.claude.amcheste.io/deliver': 'too soon',
    };
    const object = team('rejected');
    await cluster.apply({ ...object, metadata: { ...object.metadata, annotations } } as Stored);
    await workflowOf('rejected', { phase: 'Succeeded', finishedAt: '2026-11-23T16:31:03Z' });
    await setStatus('rejected', {
      phase: 'Failed',
      approvals: [{ event: 'deliver', decision: 'reject', via: 'agentteam' }],
    });
    expect((await cli(['retry', 'rejected'])).stderr).toContain(
      'the program argo, which is not on PATH',
    );
    const left = await cluster.get(teamRef('rejected'));
    for (const name of Object.keys(annotations)) {
      expect(left?.metadata?.annotations ?? {}).not.toHaveProperty([name]);
    }
  });

  test('retry of a team without a failed step reports that and changes nothing', async () => {
    await cluster.apply(team('refused'));
    await workflowOf('refused', { phase: 'Succeeded', finishedAt: '2026-11-23T16:31:03Z' });
    await setStatus('refused', {
      phase: 'Failed',
      conditions: [
        {
          ...{ type: 'Complete', status: 'False', reason: 'Rejected' },
          ...{ message: 'No.', lastTransitionTime: '2026-11-23T16:31:03Z' },
        },
      ],
    });
    const { exitCode, stderr } = await cli(['retry', 'refused', '--budget=50']);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('no step of refused failed');
  });
});

test('a team without a status is pending, whatever the phase of its Workflow, so no phase is shown twice', async () => {
  await cluster.apply(team('slow'));
  const setup = { id: 'slow-1', name: 'slow.Setup', displayName: 'Setup', type: 'Pod' };
  const nodes = { 'slow-1': { ...setup, templateName: 'setup', phase: 'Succeeded' } };
  await workflowOf('slow', { phase: 'Running', nodes });
  const where = [`--kubeconfig=${cluster.kubeconfig}`, '-n', NAMESPACE];
  const watching = started(['watch', 'slow', '--json', ...where], { cwd: cluster.directory });
  const phases: string[] = [];
  for await (const line of watching) {
    const { event, phase } = JSON.parse(String(line));
    if (event !== 'phase') continue;
    phases.push(phase);
    if (phases.length > 1) continue;
    for (const next of ['Pending', 'Running', 'Completed'])
      await setStatus('slow', { phase: next });
  }
  expect(phases).toEqual(['Pending', 'Running', 'Completed']);
});

describe('logs, mail and costs', () => {
  const node = {
    id: 'silent-1',
    name: 'silent.writer',
    displayName: 'writer',
    type: 'Pod',
    phase: 'Running',
    templateName: 'agent-writer',
  };

  test('logs report deleted pods and unknown steps', async () => {
    await cluster.apply(team('silent'));
    await workflowOf('silent', { phase: 'Running', nodes: { [node.id]: node } });
    const { exitCode, stderr } = await cli(['logs', 'silent']);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('the pods of writer were deleted with their logs');
    const other = await cli(['logs', 'silent', 'nobody']);
    expect(other.stderr).toContain('there is no step nobody');
    expect(other.stderr).toContain('Steps of the team: writer');
  });

  test('logs of a pod that is not scheduled yet are empty, without an error', async () => {
    await cluster.apply(team('early'));
    await workflowOf('early', {
      phase: 'Running',
      nodes: { 'early-1': { ...node, id: 'early-1' } },
    });
    await cluster.kubectl('create', 'serviceaccount', 'default', '-n', NAMESPACE);
    await cluster.kubectl(
      ...['run', 'early-agent-writer-1', '-n', NAMESPACE, '--image=registry.test/none'],
      '--overrides={"spec":{"automountServiceAccountToken":false,"containers":[{"name":"main","image":"registry.test/none"}]}}',
    );
    expect(await cli(['logs', 'early'])).toMatchObject({ exitCode: 0, stdout: '', stderr: '' });
  });

  test('messages of a team without running agents are reported to be on its claim, or deleted with it', async () => {
    await cluster.apply(team('over'));
    // There is no mail before an agent has started.
    const before = await cli(['messages', 'over']);
    expect([before.exitCode, before.stdout]).toEqual([0, '']);
    expect(before.stderr).toContain('There is no mail yet');
    const figures = {
      usd: '0',
      tokens: { input: 0, output: 0, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0 },
      tasks: { total: 1, completed: 1, inProgress: 0, pending: 0 },
    };
    const writer = { ...figures, name: 'writer', role: 'teammate', phase: 'completed' };
    const counts = { restarts: 0, turns: 1, messagesSent: 0 };
    const totals = JSON.stringify({
      ...{ ...figures, team: 'over', at: '2026-01-01T00:00:00Z' },
      agents: [{ ...writer, ...counts, report: 'I wrote it.' }],
    });
    const finish = { ...node, id: 'over-2', name: 'over.onExit.Finish', displayName: 'Finish' };
    const outputs = { parameters: [{ name: 'totals', value: totals }] };
    await workflowOf('over', { phase: 'Failed', nodes: { 'over-2': { ...finish, outputs } } });
    await setStatus('over', { phase: 'Failed', lead: { phase: 'Failed' }, estimatedCost: '0.00' });
    await cluster.apply({
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'over-team', namespace: NAMESPACE },
      spec: { accessModes: ['ReadWriteMany'], resources: { requests: { storage: '1Gi' } } },
    });
    const kept = await cli(['messages', 'over']);
    expect(kept.exitCode).toBe(1);
    expect(kept.stderr).toContain('its mail is only on the claim teams/over-team');
    expect(kept.stderr).toMatch(/agentteam messages over -n teams .*--volume/);
    expect(kept.stderr).toContain('agentteam watch over -n teams');
    await cluster.kubectl('delete', 'pvc', 'over-team', '-n', NAMESPACE, '--wait=false');
    await cluster.kubectl(
      ...['patch', 'pvc', 'over-team', '-n', NAMESPACE, '--type=merge'],
      '-p={"metadata":{"finalizers":null}}',
    );
    const gone = await cli(['messages', 'over', '--json']);
    expect([gone.exitCode, gone.stdout]).toEqual([1, '']);
    expect(gone.stderr).toContain(
      'the mail of over is gone, because its claim teams/over-team was deleted',
    );
    expect(gone.stderr).toContain('agentteam get over -n teams');
  });

  test('without pods, costs come from the status', async () => {
    await cluster.apply(team('ended'));
    await setStatus('ended', {
      phase: 'Completed',
      estimatedCost: '1.50',
      lead: { estimatedCost: '1.00' },
      teammates: [{ name: 'writer', estimatedCost: '0.50' }],
    });
    const cost = await cli(['cost', 'ended', '--json']);
    expect(cost.stderr).toContain('These costs come from the status');
    const { usd, lines } = JSON.parse(cost.stdout);
    expect(usd).toBe('1.50');
    expect(lines[0]).toMatchObject({ agent: 'lead', model: 'opus', usd: '1.00' });
    expect(lines[0]).not.toHaveProperty('tokens');
    expect((await cli(['cost', 'ended'])).stdout).toMatch(/lead +opus +– +–/);
  });
});
