// Derives crds/agentteamtemplates.yaml and crds/agentteamruns.yaml from crds/agentteams.yaml. The fields
// that templates and runs share with teams are written by hand only once, and kubectl can apply all three
// files as they are. `--check` fails if the derived files are not up to date.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { ROOT } from './ensure.mjs';

const read = (name) => readFileSync(join(ROOT, 'crds', name), 'utf8');
const team = parse(read('agentteams.yaml'), { merge: true });
const { properties } = team.spec.versions[0].schema.openAPIV3Schema;
const parts = withoutDefaults(properties.spec.properties);
const text = (description, more = {}) => ({ description, type: 'string', ...more });
const name = { minLength: 1, maxLength: 253 };
const conditions = properties.status.properties.conditions;
const observedGeneration = properties.status.properties.observedGeneration;

const definitions = {
  'agentteamtemplates.yaml': definition({
    kind: 'AgentTeamTemplate',
    shortNames: ['att'],
    description:
      'A reusable pattern for teams. It does not run by itself: an AgentTeamRun starts a team from it and says what that team works on.',
    spec: {
      description: 'The part of a team that all runs of the template share.',
      required: ['teammates'],
      properties: {
        description: text('What teams from this template are for.', { maxLength: 4096 }),
        enforced: {
          description:
            'Settings that runs may only make stricter: `gates` (`approvalGates`, who approves, and who answers questions), `budget` (`budgetLimit` and `onLimit`), `timeout`, `scope` (the scopes of all agents), `qualityGates`. The template must set what it enforces.',
          type: 'array',
          maxItems: 5,
          'x-kubernetes-list-type': 'set',
          items: { type: 'string', enum: ['gates', 'budget', 'timeout', 'scope', 'qualityGates'] },
        },
        ...pick(parts, ['teammates', 'environment', 'coordination', 'lifecycle', 'qualityGates']),
      },
    },
    status: {
      ready: { description: 'Whether runs can be started from the template.', type: 'boolean' },
      workflowTemplate: text('Name of the Argo WorkflowTemplate that starts runs of the template.'),
      conditions,
      observedGeneration,
    },
    columns: [
      { name: 'Ready', type: 'boolean', jsonPath: '.status.ready' },
      { name: 'Description', type: 'string', jsonPath: '.spec.description' },
    ],
  }),
  'agentteamruns.yaml': definition({
    kind: 'AgentTeamRun',
    shortNames: ['atr'],
    description: 'A run of an AgentTeamTemplate. It says what the team works on and who leads it.',
    spec: {
      description:
        'What the run adds to its template. Where both set a field, the value of the run applies.',
      required: ['templateRef', 'lead'],
      'x-kubernetes-validations': [
        {
          rule: 'has(self.repository) || has(self.workspace)',
          message:
            'a run needs something to work on; set spec.repository (coding) or spec.workspace (documents)',
        },
      ],
      properties: {
        templateRef: {
          description: 'The template, in the same namespace.',
          type: 'object',
          required: ['name'],
          properties: { name: text('Name of the template.', name) },
        },
        ...pick(parts, ['repository', 'workspace', 'environment', 'auth', 'lead']),
        ...pick(parts, ['lifecycle', 'observability']),
      },
    },
    status: {
      team: text('Name of the AgentTeam that the run created.'),
      ...pick(properties.status.properties, [
        ...['phase', 'message', 'startedAt', 'completedAt', 'ready', 'tasks', 'totalTokensUsed'],
        ...['estimatedCost', 'cost', 'pullRequest', 'consolidatedBranch'],
      ]),
      conditions,
      observedGeneration,
    },
    columns: [
      { name: 'Template', type: 'string', jsonPath: '.spec.templateRef.name' },
      { name: 'Phase', type: 'string', jsonPath: '.status.phase' },
      { name: 'Ready', type: 'string', jsonPath: '.status.ready' },
      { name: 'Cost', type: 'string', jsonPath: '.status.cost' },
    ],
  }),
};

for (const [file, content] of Object.entries(definitions)) {
  const yaml = `# Derived from agentteams.yaml by \`npm run crds\`.\n${stringify(content, { lineWidth: 0, aliasDuplicateObjects: false })}`;
  if (!process.argv.includes('--check')) writeFileSync(join(ROOT, 'crds', file), yaml);
  else if (read(file) !== yaml) {
    process.stderr.write(`crds/${file} is not up to date: run npm run crds\n`);
    process.exitCode = 1;
  }
}

function definition({ kind, shortNames, description, spec, status, columns }) {
  const singular = kind.toLowerCase();
  const metadata = { name: `${singular}s.${team.spec.group}`, labels: team.metadata.labels };
  const header = {
    apiVersion: text(`\`${team.spec.group}/v1alpha1\`.`),
    kind: text(`\`${kind}\`.`),
    metadata: { type: 'object' },
  };
  const names = { kind, listKind: `${kind}List`, plural: `${singular}s`, singular, shortNames };
  const version = {
    name: 'v1alpha1',
    served: true,
    storage: true,
    subresources: { status: {} },
    additionalPrinterColumns: [
      ...columns,
      { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
    ],
    schema: {
      openAPIV3Schema: {
        description,
        type: 'object',
        required: ['spec'],
        properties: {
          ...header,
          spec: { type: 'object', ...spec },
          status: {
            description: 'The observed state. Written by the controller.',
            type: 'object',
            properties: status,
          },
        },
      },
    },
  };
  return {
    apiVersion: team.apiVersion,
    kind: team.kind,
    metadata,
    spec: {
      group: team.spec.group,
      scope: team.spec.scope,
      names: { ...names, categories: team.spec.names.categories },
      versions: [version],
    },
  };
}

/** Removes defaults: if the API server filled one in, it would override the template's value. */
function withoutDefaults(schema) {
  if (Array.isArray(schema)) return schema.map(withoutDefaults);
  if (typeof schema !== 'object' || schema === null) return schema;
  return Object.fromEntries(
    Object.entries(schema)
      .filter(([key]) => key !== 'default')
      .map(([key, value]) => [key, withoutDefaults(value)]),
  );
}

function pick(from, keys) {
  return Object.fromEntries(keys.map((key) => [key, from[key]]));
}
