import type { Template } from '@agentteam/argo';
import { type AgentSpec, ENV, RUNTIME } from '@agentteam/contract';
import { expect, test } from '@jest/globals';
import { compileText } from '../src/compile.ts';
import type { CompileOptions } from '../src/resolve/options.ts';

function compiled(environments: Environments, options: CompileOptions = {}) {
  const { compiled: result, problems } = compileText(teamText(environments), options);
  if (result === undefined) throw new Error(JSON.stringify(problems));
  return result.workflow.spec;
}

interface Environments {
  readonly team?: string;
  readonly lead?: string;
  readonly api?: string;
}

function teamText({ team = '{}', lead = '{}', api = '{}' }: Environments): string {
  return `
apiVersion: claude.amcheste.io/v1alpha1
kind: AgentTeam
metadata: { name: auth }
spec:
  repository: { url: "https://github.com/acme/backend.git" }
  environment: ${team}
  lead: { prompt: Coordinate., environment: ${lead} }
  teammates:
    - { name: api, prompt: Write it., environment: ${api} }
    - { name: docs, prompt: Describe it. }
  qualityGates: { requireTests: true }
  lifecycle: { onComplete: push-branch }
`;
}

function problemsOf(environments: Environments) {
  return compileText(teamText(environments)).problems.map(({ code, path, hint }) => [
    code,
    path.join('.'),
    hint,
  ]);
}

/** The images of a template's containers, with the init containers first. */
function images({ initContainers = [], container }: Template): readonly string[] {
  return [...initContainers, ...(container ? [{ name: 'main', ...container }] : [])].map(
    ({ name, image }) => `${name} ${image}`,
  );
}

function template(spec: ReturnType<typeof compiled>, name: string): Template {
  const found = spec.templates?.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no template ${name}`);
  return found;
}

const OURS = { containers: { image: 'ours:1' } };

test('only the container of the agent has its image; the checks have the lead’s', () => {
  const spec = compiled({ team: '{ image: "golang:1" }', api: '{ image: "python:3" }' }, OURS);
  const found = Object.fromEntries(
    (spec.templates ?? [])
      .filter(({ container }) => container)
      .map((one) => [one.name, images(one)]),
  );
  const own = ['runtime ours:1', 'gateway ours:1'];
  expect(found).toEqual({
    lead: ['setup ours:1', ...own, 'main golang:1'],
    'agent-api': ['setup ours:1', ...own, 'main python:3'],
    'agent-docs': ['setup ours:1', ...own, 'main golang:1'],
    checks: [...own, 'main golang:1'],
    deliver: ['main ours:1'],
    finish: ['main ours:1'],
    'roll-call': ['main ours:1'],
  });
});

test('a team without an image gets no runtime', () => {
  const spec = compiled({ team: '{ env: [{ name: MODE, value: test }] }' });
  const lead = template(spec, 'lead');
  expect(images(lead).map((one) => one.split(' ')[0])).toEqual(['setup', 'gateway', 'main']);
  expect(JSON.stringify(lead)).not.toContain(RUNTIME.directory);
});

test('the runtime is a volume of the type image where the cluster has these', () => {
  const options = { containers: { image: 'ours:1', runtimeInjection: 'image-volume' } } as const;
  const lead = template(compiled({ team: '{ image: "golang:1" }' }, options), 'lead');
  expect(lead.volumes).toContainEqual({
    name: 'runtime',
    image: { reference: 'ours:1', pullPolicy: 'IfNotPresent' },
  });
  const mounts = lead.container?.volumeMounts?.filter(({ name }) => name.startsWith('runtime'));
  expect(mounts).toEqual([
    { name: 'runtime', mountPath: '/opt/agentteam', subPath: 'opt/agentteam', readOnly: true },
    // Runtimes do not mount single files of an image.
    { name: 'runtime-files', mountPath: '/etc/passwd', subPath: 'passwd', readOnly: true },
    { name: 'runtime-files', mountPath: '/etc/group', subPath: 'group', readOnly: true },
  ]);
  expect(lead.initContainers?.find(({ name }) => name === 'runtime')).toMatchObject({
    command: ['cp'],
    args: ['/opt/agentteam/etc/passwd', '/opt/agentteam/etc/group', '/runtime'],
    volumeMounts: [{ name: 'runtime-files', mountPath: '/runtime' }],
  });
});

test('on a machine without containers the runner is the machine’s, and the image is only named', () => {
  const spec = compiled(
    { team: '{ image: "golang:1" }' },
    { containers: { runtimeInjection: 'none' } },
  );
  expect(template(spec, 'lead').container).toMatchObject({
    image: 'golang:1',
    command: ['agentteam-runner'],
  });
  expect(JSON.stringify(spec)).not.toContain(RUNTIME.directory);
});

test('variables reach the runner in its spec, from a mounted ConfigMap, or as a field of the pod', () => {
  const text = '$(HOME) {{workflow.name}}';
  const spec = compiled({
    team: `{ env: [{ name: A, value: "${text}" }, { name: B, value: team }] }`,
    api: `{ env: [
      { name: B, value: own },
      { name: C, valueFrom: { configMapKeyRef: { name: places, key: home } } },
      { name: D, valueFrom: { configMapKeyRef: { name: places, key: work } } },
      { name: E, valueFrom: { fieldRef: { fieldPath: metadata.name } } }] }`,
  });
  const { volumes = [], container } = template(spec, 'agent-api');
  const given = container?.env?.find(({ name }) => name === ENV.spec)?.value ?? '';
  // Neither Kubernetes nor Argo finds anything to replace.
  expect(given).not.toMatch(/\$\(|\{\{/);
  expect((JSON.parse(given) as AgentSpec).variables).toEqual([
    { name: 'A', value: text },
    { name: 'B', value: 'own' },
    { name: 'C', configMap: 'places', key: 'home' },
    { name: 'D', configMap: 'places', key: 'work' },
    { name: 'E', field: 'metadata.name' },
  ]);
  expect(volumes.filter(({ configMap }) => configMap)).toEqual([
    { name: 'variables-0', configMap: { name: 'places' } },
  ]);
  expect(container?.env).toContainEqual({
    name: 'AGENTTEAM_ENV_E',
    valueFrom: { fieldRef: { fieldPath: 'metadata.name' } },
  });
});

test('pull secrets of all agents are those of the Workflow, because Argo has no others', () => {
  const spec = compiled(
    { team: '{ imagePullSecrets: [common] }', api: '{ imagePullSecrets: [own, cluster] }' },
    { pods: { imagePullSecrets: ['cluster'] } },
  );
  expect(spec.imagePullSecrets).toEqual([{ name: 'cluster' }, { name: 'common' }, { name: 'own' }]);
});

test('another image or variable is other work', () => {
  const work = (environments: Environments) => {
    const { container } = template(compiled(environments), 'agent-api');
    return (
      JSON.parse(container?.env?.find(({ name }) => name === ENV.spec)?.value ?? '') as AgentSpec
    ).work;
  };
  const before = work({});
  expect(work({ team: '{ imagePullSecrets: [own] }' })).toBe(before);
  expect(work({ lead: '{ image: "golang:1" }' })).toBe(before);
  expect(work({ team: '{ image: "golang:1" }' })).not.toBe(before);
  expect(work({ team: '{ env: [{ name: A, value: a }] }' })).not.toBe(before);
});

test.each([
  ['{ name: ANTHROPIC_BASE_URL, value: x }', 'reserved-variable', 'name'],
  ['{ name: CLAUDE_CODE_USE_BEDROCK, value: "1" }', 'reserved-variable', 'name'],
  ['{ name: https_proxy, value: x }', 'reserved-variable', 'name'],
  ['{ name: AGENTTEAM_ROOT, value: x }', 'reserved-variable', 'name'],
  ['{ name: A, value: "\\0" }', 'wrong-form', 'value'],
  [
    '{ name: A, valueFrom: { configMapKeyRef: { name: places, key: "../x" } } }',
    'wrong-form',
    'valueFrom.configMapKeyRef.key',
  ],
  [
    '{ name: A, valueFrom: { configMapKeyRef: { name: Places, key: x } } }',
    'bad-object-name',
    'valueFrom.configMapKeyRef.name',
  ],
  [
    '{ name: A, valueFrom: { fieldRef: { fieldPath: "{{x}}" } } }',
    'not-allowed',
    'valueFrom.fieldRef.fieldPath',
  ],
  ['{ name: A }', 'rule', ''],
  ['{ name: A, value: x, valueFrom: { fieldRef: { fieldPath: spec.nodeName } } }', 'rule', ''],
])('the variable %s is refused', (variable, code, field) => {
  const path = ['spec.teammates.0.environment.env.0', ...(field === '' ? [] : [field])].join('.');
  expect(problemsOf({ api: `{ env: [${variable}] }` })).toEqual([
    [code, path, code === 'rule' || field === 'value' ? undefined : expect.any(String)],
  ]);
});

test('a Secret as the source of a variable is refused with a way out', () => {
  const source = '{ secretKeyRef: { name: registry, key: token } }';
  const [problem] = problemsOf({ team: `{ env: [{ name: TOKEN, valueFrom: ${source} }] }` });
  expect(problem).toEqual([
    'unknown-field',
    'spec.environment.env.0.valueFrom.secretKeyRef',
    expect.stringMatching(/^agents hold no secrets; .*environment\.services/),
  ]);
});

test('so are its siblings, which are no fields here', () => {
  const secret = '{ secretRef: { name: registry } }';
  expect(problemsOf({ team: `{ envFrom: [${secret}] }` })).toEqual([
    [
      'unknown-field',
      'spec.environment.envFrom',
      expect.stringMatching(/^list the variables in env, .*environment\.services/),
    ],
  ]);
  const sidecar = `{ name: db, image: x, env: [{ name: A, value: x, valueFrom: ${secret} }] }`;
  expect(problemsOf({ team: `{ sidecars: [${sidecar}] }` })).toEqual([
    [
      'unknown-field',
      'spec.environment.sidecars.0.env.0.valueFrom',
      expect.stringMatching(/^a sidecar holds no secrets/),
    ],
  ]);
});

test.each(['golang 1', '{{x}}', '-x', '$(X)'])('the image `%s` is refused', (image) => {
  expect(problemsOf({ lead: `{ image: "${image}" }` })).toEqual([
    ['wrong-form', 'spec.lead.environment.image', expect.any(String)],
  ]);
});
