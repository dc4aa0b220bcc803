import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AgentTeam } from '@agentteam/api';
import { checkObject } from '@agentteam/compiler';
import { defaultScript, type Rehearsal, startRehearsal } from '@agentteam/rehearsal';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { stringify } from 'yaml';
import { CLI } from '../../packages/runner/test/support/programs.ts';
import { ArgoStandIn } from '../argo/stand-in.ts';
import { auditedRequests, auditFlags } from '../chart/audit.ts';
import { granted, rightLine } from '../chart/rights.ts';
import { kubeconfigOfAccount } from '../controller/account.ts';
import { Cluster, type Stored } from '../controller/cluster.ts';
import { ControllerProcess } from '../controller/process.ts';
import { team, teamRef, workflowRef } from '../controller/teams.ts';
import { documents } from './files.ts';

const NAMESPACE = 'pipelines';
const ACCOUNT = 'agentteam-pipeline';
const [template] = documents('workflow-templates/submit-agentteam.yaml')[0].spec.templates;
let cluster: Cluster;
let rehearsal: Rehearsal;
let controller: ControllerProcess;
let argo: ArgoStandIn;
let kubeconfig: string;
let bin: string;
const workplaces: string[] = [];

beforeAll(async () => {
  cluster = await Cluster.start([], auditFlags);
  await cluster.namespace(NAMESPACE);
  for (const object of documents('workflow-templates/pipeline.yaml')) {
    await cluster.apply({ ...object, metadata: { ...object.metadata, namespace: NAMESPACE } });
  }
  await cluster.apply({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'anthropic', namespace: NAMESPACE },
    ...{ stringData: { ANTHROPIC_API_KEY: 'sk-ant-rehearsal' } },
  });
  kubeconfig = await kubeconfigOfAccount(cluster, NAMESPACE, ACCOUNT);
  const { team: checked } = checkObject({ ...team('x'), metadata: { name: 'x' } });
  rehearsal = await startRehearsal({ script: defaultScript(checked as AgentTeam) });
  controller = await ControllerProcess.start(cluster.kubeconfig, {
    AGENTTEAM_NAMESPACES: NAMESPACE,
    AGENTTEAM_API_URL: `${rehearsal.url}/{agent}`,
    POD_NAMESPACE: NAMESPACE,
  });
  argo = new ArgoStandIn(cluster, NAMESPACE);
  // The programs that the image has on PATH.
  bin = join(cluster.directory, 'bin');
  mkdirSync(bin);
  const program = join(bin, 'agentteam');
  writeFileSync(program, `#!/bin/sh\nexec "${process.execPath}" "${CLI}" "$@"\n`);
  chmodSync(program, 0o755);
});
afterAll(async () => {
  await controller?.stop();
  await argo?.stop();
  await rehearsal?.close();
  await cluster?.stop();
  for (const directory of workplaces) rmSync(directory, { recursive: true, force: true });
});

/** A directory without spaces in its path, because mount paths have none. */
function workplace(): string {
  workplaces.push(mkdtempSync(join(tmpdir(), 'agentteam-pipeline-')));
  return workplaces.at(-1) ?? '';
}
const fileOf = (spec: object = {}): string =>
  stringify({ ...team('from-file', spec), metadata: { name: 'from-file' } });

/** Runs a script with the programs of the image and the rights of the service account. */
function shell(script: string, cwd: string, env: Readonly<Record<string, string>> = {}) {
  return execa('sh', ['-e', '-c', script], {
    cwd,
    reject: false,
    extendEnv: false,
    all: true,
    env: { PATH: `${bin}:${process.env['PATH']}`, HOME: cwd, KUBECONFIG: kubeconfig, ...env },
  });
}

const outputsIn = (directory: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    readdirSync(directory).map((name) => [name, readFileSync(join(directory, name), 'utf8')]),
  );

/** The variables of the template's container, as Argo derives them from the inputs of a step. */
function environment(
  given: Readonly<Record<string, string>>,
  workflow: { readonly name: string; readonly uid: string },
): Readonly<Record<string, string>> {
  const parameters: readonly { readonly name: string; readonly value: string }[] =
    template.inputs.parameters;
  const inputs = Object.fromEntries(
    parameters.map(({ name, value }) => [name, given[name] ?? value]),
  );
  const filled = (text: string): string =>
    text
      .replace(/\{\{=sprig\.b64enc\(inputs\.parameters\.([\w-]+)\)\}\}/g, (_, name: string) =>
        Buffer.from(given[name] ?? filled(inputs[name] ?? '')).toString('base64'),
      )
      .replace(/\{\{inputs\.parameters\.([\w-]+)\}\}/g, (_, name: string) =>
        filled(inputs[name] ?? ''),
      )
      .replaceAll('{{workflow.name}}', workflow.name)
      .replaceAll('{{workflow.uid}}', workflow.uid);
  const variables: readonly { readonly name: string; readonly value: string }[] =
    template.script.env;
  return Object.fromEntries(variables.map(({ name, value }) => [name, filled(value)]));
}

/** The script of the step, with its mounts in a directory. */
function step(given: Readonly<Record<string, string>>, workflow: Stored, cwd: string) {
  const script = template.script.source
    .replaceAll('/tmp/', `${cwd}/`)
    .replaceAll('/source', join(cwd, 'source'));
  const { name = '', uid = '' } = workflow.metadata ?? {};
  return shell(script, cwd, environment(given, { name, uid }));
}

/** Creates the Workflow of a pipeline, which will own the team. */
const pipeline = (name: string): Promise<Stored> =>
  cluster.apply({ ...workflowRefOf(name), spec: { entrypoint: 'pipeline' } } as Stored);
const workflowRefOf = (name: string) => {
  const { apiVersion, kind } = workflowRef(name);
  return { apiVersion, kind, metadata: { name, namespace: NAMESPACE } };
};

test('the Argo step runs a team from a parameter and sets the outputs', async () => {
  const workflow = await pipeline('nightly-1');
  const cwd = workplace();
  const hostile = 'Coordinate {{workflow.name}} and {{nobody}}, $(HOME) `id` \'quoted\' "twice".';
  const configMap = stringify({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'data' },
    data: { 'a.txt': 'one' },
  });
  const given = { team: `${fileOf({ lead: { prompt: hostile } })}---\n${configMap}` };
  const { exitCode, stderr } = await step(given, workflow, cwd);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  const outputs = outputsIn(join(cwd, 'outputs'));
  expect(outputs).toEqual({
    team: 'nightly-1-team',
    phase: 'Completed',
    cost: expect.stringMatching(/^\d+\.\d\d$/),
    branch: '',
    'pull-request': '',
  });
  const declared = template.outputs.parameters.map(
    ({ valueFrom }: { readonly valueFrom: { readonly path: string } }) => valueFrom.path,
  );
  expect(declared.toSorted()).toEqual(
    Object.keys(outputs)
      .map((name) => `/tmp/outputs/${name}`)
      .toSorted(),
  );
  const stored = await cluster.get(teamRef('nightly-1-team', NAMESPACE));
  expect(stored?.spec.lead.prompt).toBe(hostile);
  expect(stored?.metadata?.ownerReferences).toEqual([
    expect.objectContaining({ kind: 'Workflow', name: 'nightly-1', uid: workflow.metadata?.uid }),
  ]);
});

test('the Argo step runs a team from a directory, and stops the team when it is stopped', async () => {
  const workflow = await pipeline('nightly-2');
  const cwd = workplace();
  mkdirSync(join(cwd, 'source/teams'), { recursive: true });
  const gated = { lifecycle: { approvalGates: [{ event: 'spawn-writer' }] } };
  writeFileSync(join(cwd, 'source/teams/review.yaml'), fileOf(gated));
  const running = step({ file: 'teams/review.yaml', name: 'gated', timeout: '1h' }, workflow, cwd);
  const event = (now: Stored | undefined) => now?.status?.approvals?.[0]?.event === 'spawn-writer';
  await cluster.until(teamRef('gated', NAMESPACE), event);
  // Argo's executor does this when a workflow is stopped.
  running.kill('SIGTERM');
  expect(await running).toMatchObject({
    exitCode: 130,
    stderr: expect.stringContaining('gated is stopping'),
  });
  // The gate is open from the start, even while the pods are starting.
  const phase = expect.stringMatching(/^(Initializing|Running)$/);
  expect(outputsIn(join(cwd, 'outputs'))).toMatchObject({ phase });
  expect((await cluster.get(workflowRef('gated', NAMESPACE)))?.spec.shutdown).toBe('Stop');
});

test('the Argo step shows nothing of a file to which a link in its source leads', async () => {
  const workflow = await pipeline('nightly-3');
  const cwd = workplace();
  mkdirSync(join(cwd, 'source'));
  writeFileSync(join(cwd, 'token'), 'the token of the account');
  symlinkSync('../token', join(cwd, 'source/team.yaml'));
  symlinkSync('..', join(cwd, 'source/up'));
  for (const file of ['team.yaml', '../token', 'up/token']) {
    const { exitCode, all } = await step({ file, name: 'linked' }, workflow, cwd);
    expect({ exitCode, all }).toEqual({ exitCode: 64, all: `${file} is not in the source` });
  }
});

function checkout(): string {
  const cwd = workplace();
  mkdirSync(join(cwd, 'teams'));
  writeFileSync(join(cwd, 'teams/review.yaml'), fileOf());
  writeFileSync(join(cwd, 'team.yaml'), fileOf());
  return cwd;
}

test('GitHub Actions', async () => {
  const cwd = checkout();
  const [workflow] = documents('examples/ci/github-actions.yaml');
  const [, submit, result] = workflow.jobs.team.steps;
  const files = {
    GITHUB_OUTPUT: join(cwd, 'github-output'),
    GITHUB_STEP_SUMMARY: join(cwd, 'summary'),
  };
  const env = {
    ...{ ...files, RUNNER_TEMP: cwd, GITHUB_RUN_ID: '7', GITHUB_RUN_ATTEMPT: '1' },
    CREDENTIALS: readFileSync(kubeconfig, 'utf8'),
  };
  expect(await shell(submit.run, cwd, { ...env, KUBECONFIG: '' })).toMatchObject({
    exitCode: 0,
    stderr: '',
  });
  expect(await shell(result.run, cwd, env)).toMatchObject({ exitCode: 0 });
  const outputs = readFileSync(files.GITHUB_OUTPUT, 'utf8');
  for (const name of Object.keys(workflow.jobs.team.outputs))
    expect(outputs).toMatch(new RegExp(`^${name}=`, 'm'));
  expect(readFileSync(files.GITHUB_STEP_SUMMARY, 'utf8')).toMatch(
    /^Team review-7-1: Completed, \d/,
  );
});

test('GitLab CI', async () => {
  const cwd = checkout();
  const [{ 'agent-team': job }] = documents('examples/ci/gitlab-ci.yaml');
  const env = { CI_JOB_ID: '8' };
  expect(await shell(job.script.join('\n'), cwd, env)).toMatchObject({ exitCode: 0, stderr: '' });
  expect(await shell(job.after_script.join('\n'), cwd, env)).toMatchObject({ exitCode: 0 });
  const variables = readFileSync(join(cwd, job.artifacts.reports.dotenv), 'utf8').split('\n');
  expect(variables).toEqual(
    expect.arrayContaining(['TEAM_PHASE=Completed', 'TEAM_TEAM=review-8', 'TEAM_PULL_REQUEST=']),
  );
});

test('Tekton', async () => {
  const cwd = checkout();
  const [{ spec }] = documents('examples/ci/tekton-task.yaml');
  const [{ script, env }] = spec.steps;
  const parameters: readonly { readonly name: string; readonly default: string }[] = spec.params;
  const value = (text: string) =>
    text
      .replace(
        /\$\(params\.(\w+)\)/g,
        (_, name: string) => parameters.find((one) => one.name === name)?.default ?? '',
      )
      .replace('$(context.taskRun.name)', 'review-9');
  const variables = Object.fromEntries(
    env.map((one: { readonly name: string; readonly value: string }) => [
      one.name,
      value(one.value),
    ]),
  );
  const results = join(cwd, 'results');
  const { exitCode } = await shell(script.replaceAll('/tekton/results', results), cwd, variables);
  expect(exitCode).toBe(0);
  const declared = spec.results.map(({ name }: { readonly name: string }) => name);
  expect(Object.keys(outputsIn(results)).toSorted()).toEqual(declared.toSorted());
  expect(outputsIn(results)).toMatchObject({ team: 'review-9', phase: 'Completed' });
});

test('the service account has exactly the rights that it needs', async () => {
  const user = `system:serviceaccount:${NAMESPACE}:${ACCOUNT}`;
  const asked = auditedRequests(cluster.directory, user);
  expect(asked.filter(({ responseStatus }) => responseStatus?.code === 403)).toEqual([]);
  const used = new Set(
    asked.flatMap(({ verb, objectRef }) =>
      objectRef === undefined
        ? []
        : [rightLine(verb, objectRef.apiGroup ?? '', objectRef.resource, '*')],
    ),
  );
  const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', name: ACCOUNT };
  const rights = granted((await cluster.get({ ...role, namespace: NAMESPACE })) as Stored);
  expect(rights.filter((right) => !used.has(right))).toEqual([
    // Server-side apply needs this verb to create an object.
    'create argoproj.io/workflowtaskresults *',
    'create claude.amcheste.io/agentteams *',
    'create configmaps *',
    // Needed by Argo's executor, which runs only in pods.
    'patch argoproj.io/workflowtaskresults *',
  ]);
});
