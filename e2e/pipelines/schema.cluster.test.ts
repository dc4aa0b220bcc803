import { createRequire } from 'node:module';
import type { AgentTeamRun, AgentTeamTemplate } from '@agentteam/api';
import { checkRun, checkTemplate, teamOfRun } from '@agentteam/compiler';
import { expect, test } from '@jest/globals';
import Ajv from 'ajv/dist/2020.js';
import { documents } from './files.ts';

const ajv = new Ajv.default({ strict: false, formats: { 'date-time': true } });
ajv.addSchema(createRequire(import.meta.url)('@agentteam/argo/schema.json') as object, 'argo');

interface Step {
  readonly template?: string;
  readonly templateRef?: { readonly name: string; readonly template: string };
  readonly arguments?: {
    readonly parameters?: readonly { readonly name: string }[];
    readonly artifacts?: readonly { readonly name: string }[];
  };
}

const FILES = [
  'workflow-templates/submit-agentteam.yaml',
  'workflow-templates/examples/nightly.yaml',
  'workflow-templates/examples/private-repository.yaml',
];
const offered = documents('workflow-templates/submit-agentteam.yaml')[0].spec.templates;

test.each(FILES)('%s matches Argo’s schema', (path) => {
  for (const object of documents(path)) {
    const valid = ajv.compile({ $ref: `argo#/components/schemas/${object.kind}` });
    expect({ valid: valid(object), errors: valid.errors }).toEqual({ valid: true, errors: null });
  }
});

test.each(FILES)('%s refers to existing templates with valid inputs', (path) => {
  for (const { spec } of documents(path)) {
    const { templates, ...rest } = spec.workflowSpec ?? spec;
    expect(templates.map(({ name }: { name: string }) => name)).toContain(rest.entrypoint);
    for (const { steps = [], dag } of templates) {
      for (const step of [...steps.flat(), ...(dag?.tasks ?? [])] as readonly Step[]) {
        const [list, name] = step.templateRef
          ? [offered, step.templateRef.template]
          : [templates, step.template];
        const called = list.find((one: { readonly name: string }) => one.name === name);
        for (const kind of ['parameters', 'artifacts'] as const) {
          const taken = (called?.inputs?.[kind] ?? []).map((one: { name: string }) => one.name);
          const given = (step.arguments?.[kind] ?? []).map((one) => one.name);
          expect(taken).toEqual(expect.arrayContaining(given));
        }
      }
    }
  }
});

test('both ways to submit have the same outputs', () => {
  const [direct, fromGit] = offered.map(
    ({ outputs }: { outputs: { parameters: readonly { name: string }[] } }) =>
      outputs.parameters.map(({ name }) => name),
  );
  expect(fromGit).toEqual(direct);
});

test('Argo Events starts valid runs, whose account may do nothing else', () => {
  const [template, , { spec }, , role] = documents('examples/ci/argo-events.yaml');
  expect(role.rules).toEqual([
    { apiGroups: ['claude.amcheste.io'], resources: ['agentteamruns'], verbs: ['create'] },
  ]);
  const { source, parameters } = spec.triggers[0].template.k8s;
  const { resource } = source;
  expect(
    parameters.map(({ dest, operation }: Record<string, string>) => [dest, operation]),
  ).toEqual([
    ['metadata.name', 'append'],
    ['spec.lifecycle.pullRequest.titleTemplate', 'append'],
    ['spec.lead.prompt', 'append'],
  ]);
  // What Argo Events makes of an issue.
  resource.metadata.name += '42';
  resource.spec.lifecycle.pullRequest.titleTemplate += '42';
  resource.spec.lead.prompt += '\nTotals are wrong {{=1+1}}\n\nOn **Mondays** {{workflow.name}}';
  const run = checkRun(resource).run as AgentTeamRun;
  const checked = checkTemplate(template).template as AgentTeamTemplate;
  const { team, problems } = teamOfRun(checked, run);
  expect(problems).toEqual([]);
  expect(team?.spec.lead.prompt).toContain('{{=1+1}}');
});
