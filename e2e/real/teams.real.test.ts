import { createHmac } from 'node:crypto';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { parse, stringify } from 'yaml';
import { agentteam } from '../cli/cli.ts';
import type { Stored } from '../controller/cluster.ts';
import { team } from '../controller/teams.ts';
import type { HookCall } from './outside.ts';
import { argo, argoProgram, argoWith } from './site.ts';
import { example, type Stage } from './stage.ts';
import { small, summaryOf, useStages } from './stages.ts';

const examples = fileURLToPath(new URL('../../examples/', import.meta.url));
const { site, open } = useStages();
const GATE = { approvalGates: [{ event: 'spawn-editor' }] };
const gateOpen = (at: Stage) =>
  at.until((status) =>
    status.approvals?.some(({ event }: { event: string }) => event === 'spawn-editor'),
  );

/** Runs the CLI in the stage's namespace, with the Argo CLI on PATH. */
const commandLine =
  (at: Stage) =>
  (...args: readonly string[]) => {
    const { kubeconfig, directory } = site().cluster;
    return agentteam([...args, '-n', at.namespace, `--kubeconfig=${kubeconfig}`], {
      cwd: directory,
      env: { PATH: [dirname(argoProgram()), process.env['PATH']].join(delimiter) },
    });
  };

test('q3-report is approved by an annotation, and its report is on a claim that outlives the team', async () => {
  const at = await open({
    script: example('q3-report/rehearsal.yaml'),
    team: ({ rehearsalUrl, hookUrl }) => {
      const report = parse(example('q3-report/team.yaml')) as Stored;
      report.spec.teammates[1].mcpServers[0].url = `${rehearsalUrl}/mcp/gmail`;
      report.spec.lifecycle.approvalGates[0].webhookUrl = hookUrl;
      return report;
    },
    secrets: { webhooks: { secret: 'a shared secret' } },
    values: {
      notifications: { allowPrivate: true, secretName: 'webhooks' },
      webhook: { enabled: true },
    },
  });
  for (const name of ['quarterly-data', 'data-analysis-skill']) {
    const from = join(examples, 'q3-report/configmaps', name);
    await at.kubectl('create', 'configmap', name, `--from-file=${from}`);
  }
  const { spec } = at.team;
  const unknown = { ...spec, teammates: [{ ...spec.teammates[0], dependsOn: ['nobody'] }] };
  await expect(at.apply({ ...at.team, spec: unknown })).rejects.toThrow(/dependsOn.*nobody/s);
  await at.start();
  await at.until((status) => status.approvals?.some((one: Stored['status']) => one.notifiedAt));
  const calls = await at.outside.calls();
  expect(calls.map(({ body }) => JSON.parse(body))).toMatchObject([
    { event: 'approval-required', team: 'q3-report', data: { teammate: 'email-drafter' } },
  ]);
  const { headers, body } = calls[0] as HookCall;
  const signed = `${headers['x-agentteam-timestamp']}.${body}`;
  expect(headers['x-agentteam-signature']).toBe(
    `sha256=${createHmac('sha256', 'a shared secret').update(signed).digest('hex')}`,
  );
  await at.kubectl(
    ...['annotate', 'agentteam', 'q3-report'],
    'approved.claude.amcheste.io/spawn-email-drafter=true',
  );
  const status = await at.ended();
  const who = await at.kubectl('auth', 'whoami', '-o', 'jsonpath={.status.userInfo.username}');
  expect(status).toMatchObject({
    phase: 'Completed',
    ready: '2/2',
    approvals: [{ decision: 'approve', by: who }],
  });
  expect(status.tasks.completed).toBe(status.tasks.total);
  expect(Number(status.estimatedCost)).toBeGreaterThan(0);
  await at.kubectl('delete', 'agentteam', 'q3-report', '--wait', '--timeout=120s');
  expect(await at.kubectl('get', 'pvc', '-o', 'name')).toContain('/q3-report-output');
  expect(await at.kubectl('get', 'workflows', '-o', 'name')).toBe('');
});

test('auth-refactor delivers a branch with the work of all agents and a pull request', async () => {
  const at = await open({
    script: example('auth-refactor/rehearsal.yaml'),
    repository: join(examples, 'auth-refactor/repository'),
    team: ({ repositoryUrl }) => {
      const coding = parse(example('auth-refactor/team.yaml')) as Stored;
      coding.spec.repository.url = repositoryUrl;
      coding.spec.lifecycle.githubTokenSecret = 'github';
      return coding;
    },
    secrets: { 'git-credentials': { username: 'e2e' }, github: { token: 'of a rehearsal' } },
  });
  await at.start();
  const status = await at.ended();
  expect(status).toMatchObject({
    phase: 'Completed',
    ready: '2/2',
    consolidatedBranch: 'teams/auth-refactor',
    pullRequest: { state: 'open', url: expect.stringMatching(/\/acme\/backend\/pull\/1$/) },
  });
  expect(status.tasks.completed).toBe(status.tasks.total);
  const authors = await at.outside.git('log', '--format=%an', 'main..teams/auth-refactor');
  expect(authors).toContain('backend-api');
  expect(authors).toContain('test-coverage');
  const branches = await at.outside.git('for-each-ref', '--format=%(refname:short)', 'refs/heads');
  expect(branches.trim().split('\n').sort()).toEqual(['main', 'teams/auth-refactor']);
});

test('argo resume opens a gate, and the user is recorded', async () => {
  const at = await open({
    team: () => team('resumed', { lifecycle: GATE, observability: { metrics: { port: 9555 } } }),
  });
  await at.start();
  await gateOpen(at);
  // Served by the lead's gateway on the port that the team sets.
  await at.until(({ phase, estimatedCost }) => phase === 'Running' && Number(estimatedCost) > 0);
  await argo(site(), 'resume', 'resumed', '-n', at.namespace);
  const status = await at.ended();
  expect(status).toMatchObject({
    phase: 'Completed',
    approvals: [{ event: 'spawn-editor', decision: 'approve' }],
  });
});

test('argo node set rejects a gate', async () => {
  const at = await open({ team: small('refused', GATE) });
  await at.start();
  await gateOpen(at);
  const selector = 'displayName=Approve-spawn-editor';
  await argo(
    site(),
    ...['node', 'set', 'refused', '-n', at.namespace, '--node-field-selector', selector],
    ...['--output-parameter', 'decision=reject'],
  );
  await argo(site(), 'resume', 'refused', '-n', at.namespace, '--node-field-selector', selector);
  const status = await at.ended();
  expect(status).toMatchObject({
    phase: 'Failed',
    teammates: [{ phase: 'Completed' }, { phase: 'Skipped' }],
  });
});

test('a team over its budget has phase BudgetExceeded and its cost, and a retry with a higher budget reopens its gate', async () => {
  const at = await open({
    team: () => {
      const poor = team('poor', { lifecycle: { ...GATE, budgetLimit: '0.01' } });
      for (const mate of poor.spec.teammates) delete mate.dependsOn;
      return poor;
    },
  });
  const cli = commandLine(at);
  await at.start();
  const spent = await at.ended();
  expect(spent).toMatchObject({ phase: 'BudgetExceeded', approvals: [{ event: 'spawn-editor' }] });
  expect(Number(spent.estimatedCost)).toBeGreaterThan(0);
  expect(await cli('retry', 'poor', '--budget', '5.00')).toMatchObject({ exitCode: 0, stderr: '' });
  const { openedAt } = spent.approvals[0];
  await at.until((status) => status.approvals?.[0]?.openedAt > openedAt);
  expect((await cli('get', 'poor')).stdout).toMatch(/Estimated Cost: +\S+ of \$5\.00/);
  expect(await cli('approve', 'poor', 'spawn-editor')).toMatchObject({ exitCode: 0, stderr: '' });
  const status = await at.ended();
  expect(status).toMatchObject({ phase: 'Completed', ready: '2/2' });
  expect(Number(status.estimatedCost)).toBeGreaterThan(Number(spent.estimatedCost));
});

test('a retry of a stopped team does not repeat finished steps', async () => {
  const at = await open({ team: small('paused', GATE) });
  const cli = commandLine(at);
  const writers = async () =>
    Object.values<Stored['status']>((await at.workflow())?.status.nodes)
      .filter(({ templateName, type }) => templateName === 'agent-writer' && type === 'Pod')
      .map(({ id, finishedAt }) => ({ id, finishedAt }));
  await at.start();
  await gateOpen(at);
  const before = await writers();
  expect(await cli('stop', 'paused')).toMatchObject({ exitCode: 0, stderr: '' });
  const stopped = await at.ended();
  expect(stopped).toMatchObject({ phase: 'Failed', teammates: [{ phase: 'Completed' }, {}] });
  const late = await cli('approve', 'paused', 'spawn-editor');
  expect(late.stderr).toContain('paused has ended');
  expect(await cli('retry', 'paused')).toMatchObject({ exitCode: 0, stderr: '' });
  await at.until((status) => status.approvals?.[0]?.openedAt > stopped.approvals[0].openedAt);
  expect(await cli('approve', 'paused', 'spawn-editor')).toMatchObject({ exitCode: 0, stderr: '' });
  expect(await at.ended()).toMatchObject({ phase: 'Completed', ready: '2/2' });
  expect(await writers()).toEqual(before);
});

test('a retry reopens a rejected gate and uses the changed spec', async () => {
  const at = await open({ team: small('changed', GATE) });
  const cli = commandLine(at);
  const podsOf = async (template: string) =>
    Object.values<Stored['status']>((await at.workflow())?.status.nodes)
      .filter(({ templateName, type }) => templateName === template && type === 'Pod')
      .map(({ id, phase }) => ({ id, phase }));
  await at.start();
  await gateOpen(at);
  const before = await podsOf('agent-writer');
  expect(await cli('reject', 'changed', 'spawn-editor')).toMatchObject({ exitCode: 0 });
  expect(await at.ended()).toMatchObject({ phase: 'Failed', approvals: [{ decision: 'reject' }] });
  const [writer, editor] = at.team.spec.teammates;
  const teammates = [writer, { ...editor, prompt: 'Edit it with care.' }];
  await at.kubectl(
    'patch',
    'agentteam',
    'changed',
    '--type=merge',
    `-p=${JSON.stringify({ spec: { teammates } })}`,
  );
  expect(await cli('retry', 'changed')).toMatchObject({ exitCode: 0, stderr: '' });
  await at.until(({ approvals }) => approvals?.[0] && !approvals[0].decision);
  expect(await cli('approve', 'changed', 'spawn-editor')).toMatchObject({ exitCode: 0 });
  expect(await at.ended()).toMatchObject({ phase: 'Completed', ready: '2/2' });
  expect(await podsOf('agent-writer')).toEqual(before);
  expect(JSON.stringify((await at.workflow())?.spec.templates)).toContain('Edit it with care.');
});

test('a repository that cannot be cloned ends the team and its open gate, and is reported once', async () => {
  const at = await open({
    team: () => {
      const { spec, ...object } = team('homeless', { lifecycle: GATE });
      const { workspace: _workspace, teammates, ...others } = spec;
      for (const mate of teammates) delete mate.dependsOn;
      const repository = { url: 'git@git.example:acme/backend.git' };
      return { ...object, spec: { ...others, teammates, repository } };
    },
  });
  await at.start();
  expect(await at.ended()).toMatchObject({
    phase: 'Failed',
    message: expect.stringMatching(/^lead: The repository has an SSH URL[^:]*: set [^:]*$/),
    lead: { phase: 'Failed', restartCount: 0 },
  });
});

test('a team that waits beyond its timeout has phase TimedOut', async () => {
  const at = await open({ team: small('late', { ...GATE, timeout: '60s' }) });
  await at.start();
  expect((await at.ended()).phase).toBe('TimedOut');
  // The notification has the same message, which comes from the failures that Argo passes to the last step.
  expect(await summaryOf(at)).toContain('ran out of time');
});

test('a template and a run create a team', async () => {
  const at = await open({ team: small('from-template') });
  const { workspace, auth, lead, teammates } = at.team.spec;
  const apiVersion = 'claude.amcheste.io/v1alpha1';
  await at.apply({
    ...{ apiVersion, kind: 'AgentTeamTemplate', metadata: { name: 'report' } },
    spec: { teammates },
  });
  await at.apply({
    ...{ apiVersion, kind: 'AgentTeamRun', metadata: { name: 'from-template' } },
    spec: { templateRef: { name: 'report' }, workspace, auth, lead },
  });
  expect((await at.ended()).phase).toBe('Completed');
});

test('a compiled Workflow runs on a cluster with only Argo', async () => {
  const at = await open({ team: small('compiled'), values: false });
  const { image, cluster } = site();
  const compiled = (...options: readonly string[]) =>
    agentteam(
      [
        ...['compile', '-', `--image=${image.repository}:${image.tag}`],
        ...[`--storage-class=${at.storageClass}`, `--api-url=${at.rehearsalUrl}/{agent}`],
        ...options,
      ],
      { cwd: cluster.directory, input: stringify(at.team) },
    );
  const needs = await compiled('--needs', '--json');
  for (const item of JSON.parse(needs.stdout).items) await at.apply(item);
  const workflow = await compiled();
  await argoWith(site(), workflow.stdout, 'submit', '-', '-n', at.namespace, '--wait');
  const { status } = (await at.workflow()) ?? {};
  expect(status?.phase).toBe('Succeeded');
});
