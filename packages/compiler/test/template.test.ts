import type { AgentTeamRun, AgentTeamTemplate } from '@agentteam/api';
import { describe, expect, test } from '@jest/globals';
import { checkObject, checkRun, checkTemplate, runSpecOf, workflowTemplate } from '../src/index.ts';
import { mergeRun } from '../src/template/merge.ts';

const API_VERSION = 'claude.amcheste.io/v1alpha1';
const template = (spec: object): AgentTeamTemplate =>
  ({
    apiVersion: API_VERSION,
    kind: 'AgentTeamTemplate',
    metadata: { name: 'review', namespace: 'dev' },
    spec: { teammates: [{ name: 'reviewer', prompt: 'Review.' }], ...spec },
  }) as AgentTeamTemplate;
const run = (spec: object): AgentTeamRun =>
  ({
    apiVersion: API_VERSION,
    kind: 'AgentTeamRun',
    metadata: { name: 'q4', namespace: 'dev' },
    spec: {
      templateRef: { name: 'review' },
      workspace: { output: {} },
      auth: { apiKeySecret: 'key' },
      lead: { prompt: 'Lead.' },
      ...spec,
    },
  }) as AgentTeamRun;

describe('a run merged with its template', () => {
  test('has the run’s value of every field that both set', () => {
    const pattern = template({
      description: 'For people.',
      lifecycle: {
        timeout: '1h',
        budgetLimit: '5.00',
        approvalGates: [{ event: 'spawn-reviewer' }],
      },
    });
    const merged = mergeRun(
      pattern,
      run({ lifecycle: { budgetLimit: '9.00', approvalGates: [] } }),
    );
    expect(merged.metadata).toEqual({ name: 'q4', namespace: 'dev' });
    expect(merged.spec).toMatchObject({
      lifecycle: { timeout: '1h', budgetLimit: '9.00', approvalGates: [] },
      teammates: [{ name: 'reviewer' }],
    });
    expect(merged.spec).not.toHaveProperty('description');
    expect(merged.spec).not.toHaveProperty('templateRef');
  });

  test('has both environments, merged by name', () => {
    const pattern = template({
      environment: {
        image: 'golang:1',
        imagePullSecrets: ['a'],
        env: [
          { name: 'A', value: 'template' },
          { name: 'B', value: 'template' },
        ],
        sidecars: [{ name: 'db', image: 'postgres:1', ports: [5432] }],
        mounts: [{ name: 'v', mountPath: '/data' }],
        resources: { requests: { cpu: '1' } },
        tolerations: [{ key: 'template' }],
      },
    });
    const environment = {
      imagePullSecrets: ['b'],
      env: [{ name: 'A', value: 'run' }],
      sidecars: [{ name: 'cache', image: 'redis:1' }],
      mounts: [{ name: 'w', mountPath: '/data' }],
      resources: { limits: { cpu: '2' } },
      tolerations: [],
    };
    expect(mergeRun(pattern, run({ environment })).spec['environment']).toEqual({
      image: 'golang:1',
      imagePullSecrets: ['b'],
      env: [
        { name: 'B', value: 'template' },
        { name: 'A', value: 'run' },
      ],
      sidecars: [
        { name: 'db', image: 'postgres:1', ports: [5432] },
        { name: 'cache', image: 'redis:1' },
      ],
      mounts: [{ name: 'w', mountPath: '/data' }],
      resources: { requests: { cpu: '1' }, limits: { cpu: '2' } },
      tolerations: [],
    });
    expect(mergeRun(pattern, run({})).spec['environment']).toEqual(pattern.spec.environment);
  });

  test('gets the defaults of a team', () => {
    const { team, problems } = checkObject(mergeRun(template({}), run({})));
    expect(problems).toEqual([]);
    expect(team?.spec.lifecycle.timeout).toBe('4h');
  });
});

describe('a check', () => {
  test('finds problems that every team of a template would have, at their paths in the template', () => {
    const { template: passed, problems } = checkTemplate(
      template({
        teammates: [{ name: 'a', prompt: 'A.', dependsOn: ['a'] }],
        lifecycle: { timeout: '0h', onComplete: 'create-pr' },
      }),
    );
    expect(problems.map(({ path }) => path.join('.'))).toEqual([
      'spec.teammates.0.dependsOn.0',
      'spec.lifecycle.timeout',
    ]);
    expect(passed).toBeUndefined();
  });

  test('reports only schema problems of a template that does not match its schema', () => {
    const { problems } = checkTemplate(template({ teammates: 'many', lifecycle: { timeout: '' } }));
    expect(problems.map(({ code, path }) => `${code} ${path.join('.')}`)).toEqual([
      'wrong-type spec.teammates',
      'out-of-bounds spec.lifecycle.timeout',
    ]);
  });

  test('returns a valid template and run', () => {
    expect(checkTemplate(template({}))).toEqual({ template: template({}), problems: [] });
    expect(checkRun(run({}))).toEqual({ run: run({}), problems: [] });
  });

  test.each([
    ['no template', { templateRef: undefined }, 'templateRef'],
    ['a field that only templates have', { teammates: [] }, 'teammates'],
    ['nothing to work on', { workspace: undefined }, 'something to work on'],
  ])('refuses a run with %s', (_what, spec, words) => {
    const { run: passed, problems } = checkRun(JSON.parse(JSON.stringify(run(spec))));
    expect(passed).toBeUndefined();
    expect(problems.map(({ message }) => message).join()).toContain(words);
  });
});

/** The expression that Argo evaluates to the run's spec. */
const expressionOf = (spec: ReturnType<typeof workflowTemplate>['spec']): string => {
  const { manifest = '' } = spec?.templates?.[0]?.resource ?? {};
  return manifest.slice(manifest.indexOf('{{=') + '{{='.length, -'}}}'.length);
};

test('what a user enters in Argo’s form stays text', () => {
  const { spec } = workflowTemplate(template({}));
  const names = spec?.arguments?.parameters?.map(({ name }) => name) ?? [];
  const expression = expressionOf(spec);
  for (const name of names) {
    const uses = expression.split(`workflow.parameters['${name}']`).slice(1);
    expect(uses.length).toBeGreaterThan(0);
    // Each parameter is compared with the empty text, or is the whole argument of toJson.
    for (const after of uses) expect(after).toMatch(/^( != ''|\))/);
  }
  expect(expression).toContain('"templateRef":{"name":"review"}');
});

test('no other pair of braces in the expression starts or ends a tag', () => {
  const { spec } = workflowTemplate(template({}));
  const manifest = spec?.templates?.[0]?.resource?.manifest ?? '';
  expect(manifest.split('{{')).toHaveLength(3);
  const { length } = manifest;
  expect(manifest.indexOf('}}', manifest.indexOf('{{='))).toBe(length - '}}}'.length);
});

test('Argo and Kubernetes substitute nothing in a parameter', () => {
  const { spec } = workflowTemplate(template({}));
  const expression = expressionOf(spec);
  const written = expression.split('toJson(').length - 1;
  // In Argo's expression language `\\\\` in a literal stands for one backslash, so JSON reads the braces again.
  expect(expression.split("'{' + '{', '{\\\\u007b')").length - 1).toBe(written);
  expect(expression.split("'$' + '(', '\\\\u0024(')").length - 1).toBe(written);
});

describe('the spec of a run from its parameters', () => {
  test('has a workspace where no repository is given', () => {
    const given = {
      prompt: 'A "report"',
      'input-config-map': 'figures',
      budget: '2.00',
      timeout: '2h',
    };
    const spec = runSpecOf('review', given);
    expect(spec).toEqual({
      templateRef: { name: 'review' },
      workspace: {
        inputs: [{ mountPath: '/workspace/inputs', configMap: 'figures' }],
        output: {},
      },
      auth: { apiKeySecret: 'anthropic-api-key' },
      lead: { model: 'opus', prompt: 'A "report"' },
      lifecycle: { timeout: '2h', budgetLimit: '2.00' },
    });
    expect(checkRun({ ...run({}), spec }).problems).toEqual([]);
  });

  test('has the repository that is given', () => {
    const given = { prompt: 'Go.', repository: 'git@h:a/b.git', 'credentials-secret': 'git' };
    expect(runSpecOf('review', given)).toMatchObject({
      repository: { url: 'git@h:a/b.git', credentialsSecret: 'git' },
      lifecycle: {},
    });
    // The repository's default branch need not be main.
    expect(runSpecOf('review', given).repository).not.toHaveProperty('branch');
    expect(runSpecOf('review', { ...given, branch: 'develop' })).toMatchObject({
      repository: { branch: 'develop' },
    });
    expect(runSpecOf('review', given)).not.toHaveProperty('workspace');
  });
});
