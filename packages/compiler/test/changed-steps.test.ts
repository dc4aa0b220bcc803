import type { NodeStatus, Workflow } from '@agentteam/argo';
import { expect, test } from '@jest/globals';
import { type Changes, changesOf, compileText } from '../src/index.ts';

const TEAM = `
apiVersion: claude.amcheste.io/v1alpha1
kind: AgentTeam
metadata: { name: crew }
spec:
  repository: { url: "https://git.example.com/crew.git", branch: develop }
  environment: { env: [{ name: REGION, value: eu }] }
  lead: { prompt: Coordinate. }
  teammates:
    - { name: api, prompt: Build the API. }
    - { name: web, prompt: Build the page., dependsOn: [api] }
    - { name: docs, prompt: Write it down. }
  qualityGates: { requireTests: true }
  lifecycle:
    onComplete: push-branch
    budgetLimit: "5.00"
    approvalGates: [{ event: spawn-web, requiredApprovals: 2 }, { event: deliver, requiredApprovals: 2 }]
`;

function compiled(text: string, spec: string): Workflow {
  const hash = (event: string) => [event, Buffer.from(`${event} ${spec}`).toString('hex')];
  const { compiled: result, problems } = compileText(text, {
    controller: {
      admission: true,
      proofHashes: Object.fromEntries(['spawn-web', 'deliver'].map(hash)),
    },
  });
  expect(problems).toEqual([]);
  return result?.workflow as Workflow;
}

/** Compares a team that ended with these steps succeeded to the same team with a part of its text replaced. */
function changes(
  [was, is]: readonly [string | RegExp, string],
  succeeded: readonly string[],
): Changes {
  const before = compiled(TEAM, 'before');
  const nodes = succeeded.map((displayName): [string, NodeStatus] => [
    displayName,
    { id: displayName, name: displayName, displayName, type: 'Pod', phase: 'Succeeded' },
  ]);
  expect(TEAM.replace(was, is)).not.toBe(TEAM);
  return changesOf(
    { ...before, status: { nodes: Object.fromEntries(nodes) } } as Workflow,
    compiled(TEAM.replace(was, is), 'after'),
  );
}

const ALL = ['Lead', 'api', 'web', 'docs', 'Checks'];

test.each([
  [
    'of one agent',
    ['Write it down.', 'Write it up.'],
    ALL,
    ['Lead', 'docs', 'Approve-deliver', 'Deliver'],
  ],
  [
    'of an agent that others depend on',
    ['Build the API.', 'Build another.'],
    ALL,
    ['Lead', 'api', 'web', 'Approve-spawn-web', 'Approve-deliver', 'Deliver'],
  ],
  ['of the lead', ['Coordinate.', 'Coordinate well.'], ALL, ['Lead', 'Approve-deliver', 'Deliver']],
  [
    'of the checks',
    ['requireTests: true', 'requireLint: true'],
    ALL,
    ['Checks', 'Approve-deliver'],
  ],
  [
    'of the branch name',
    ['onComplete:', 'consolidatedBranchTemplate: "x/{{.TeamName}}"\n    onComplete:'],
    ALL,
    ['Deliver', 'Approve-deliver'],
  ],
  [
    'of the order of keys',
    ['name: REGION, value: eu', 'value: eu, name: REGION'],
    ALL,
    ['Approve-deliver'],
  ],
  ['of limits', [/"5.00"/, '"50.00"\n    timeout: 9h'], ALL, ['Approve-deliver']],
] as const)(
  'a change %s repeats the steps whose work it changes',
  (_, [was, is], succeeded, steps) => {
    const found = changes([was, is], succeeded);
    expect('steps' in found && found.steps.toSorted()).toEqual([...steps].toSorted());
  },
);

test('a gate opens again only if the step behind it has yet to run', () => {
  const found = changes([/"5.00"/, '"50.00"'], [...ALL, 'Deliver']);
  expect(found).toEqual({ steps: [] });
});

test.each([
  ['an agent', [/ {4}- \{ name: docs.*\n/, ''], 'docs'],
  ['the branch', ['develop', 'main'], 'spec.repository.branch'],
] as const)('a retry cannot change %s', (_, [was, is], named) => {
  const found = changes([was, is], ALL);
  expect('refused' in found && found.refused).toContain(named);
});

test.each([
  ['no templates', { templates: 1 }],
  ['a step without a spec', { templates: [{ name: 'team', dag: { tasks: [{}] } }, {}] }],
  [
    'a spec that is not JSON',
    {
      templates: [
        { name: 'team', dag: { tasks: [{ name: 'Lead', template: 'lead' }] } },
        { name: 'lead', container: { env: [{ name: 'AGENTTEAM_SPEC', value: '{' }] } },
      ],
    },
  ],
])('a Workflow that was altered to have %s is not retried', (_, spec) => {
  const before = { metadata: {}, spec: { entrypoint: 'team', ...spec }, status: {} };
  expect(changesOf(before as unknown as Workflow, compiled(TEAM, 'after'))).toHaveProperty(
    'refused',
  );
});
