import { describe, expect, test } from '@jest/globals';
import { type CompileResult, compileText, formatProblems } from '../src/index.ts';

function compiled(lifecycle: string, namespace = ', namespace: dev'): CompileResult {
  return compileText(`
apiVersion: claude.amcheste.io/v1alpha1
kind: AgentTeam
metadata: { name: auth.v2${namespace} }
spec:
  repository: { url: "https://git.example.com/acme/backend.git" }
  auth: { apiKeySecret: key }
  lead: { prompt: Coordinate. }
  teammates: [{ name: api, prompt: Write. }]
  lifecycle: ${lifecycle}
`);
}

/** The branch and the title in the spec of `Deliver`. */
function delivered(result: CompileResult) {
  const { workflow } = result.compiled ?? {};
  const deliver = workflow?.spec.templates?.find(({ name }) => name === 'deliver');
  const spec = deliver?.container?.env?.find(({ name }) => name === 'AGENTTEAM_SPEC')?.value;
  const { repository, pullRequest } = JSON.parse(spec ?? '{}');
  return { branch: repository?.resultBranch, title: pullRequest?.title };
}

describe('the branch and the title', () => {
  test.each([
    ['{ onComplete: create-pr }', 'teams/auth.v2', 'Work of auth.v2'],
    [
      '{ onComplete: create-pr, consolidatedBranchTemplate: "{{.Namespace}}/{{ .TeamName }}/{{.TeamName}}", pullRequest: { titleTemplate: "feat({{.TeamName}}): of {{ .Namespace }}" } }',
      'dev/auth.v2/auth.v2',
      'feat(auth.v2): of dev',
    ],
    ['{ onComplete: create-pr, prTitleTemplate: "{{.TeamName}}" }', 'teams/auth.v2', 'auth.v2'],
    [
      '{ onComplete: create-pr, prTitleTemplate: old, pullRequest: { titleTemplate: new } }',
      'teams/auth.v2',
      'new',
    ],
    // Without a pull request, the result branch may be the branch that the work started from.
    ['{ onComplete: push-branch, consolidatedBranchTemplate: main }', 'main', undefined],
  ])('%s', (lifecycle, branch, title) => {
    expect(delivered(compiled(lifecycle))).toEqual({ branch, title });
  });

  test('a team without a namespace is in `default`', () => {
    const lifecycle = '{ onComplete: push-branch, consolidatedBranchTemplate: "{{.Namespace}}/x" }';
    expect(delivered(compiled(lifecycle, '')).branch).toBe('default/x');
  });

  test.each([
    ['my branch', 'is not a valid name for a branch'],
    ['a..b', 'is not a valid name for a branch'],
    ['-x', 'is not a valid name for a branch'],
    ['x.lock/y', 'is not a valid name for a branch'],
    ['.x', 'is not a valid name for a branch'],
    ['x/', 'is not a valid name for a branch'],
    ['a@{b', 'is not a valid name for a branch'],
    ['agents/{{.TeamName}}/api', 'agents’ own branches'],
    ['main', 'cannot merge `main` into itself'],
    ['main/{{.TeamName}}', 'cannot store both `main` and `main/auth.v2`'],
  ])('the branch %s is refused at its line', (branch, words) => {
    const result = compiled(
      `{ onComplete: create-pr, consolidatedBranchTemplate: ${JSON.stringify(branch)}, pullRequest: { targetBranch: main } }`,
    );
    expect(result.problems).toMatchObject([{ code: 'bad-branch', line: 10 }]);
    expect(formatProblems(result.problems, { file: 'team.yaml' })).toContain(words);
  });

  test.each(['consolidatedBranchTemplate', 'prTitleTemplate'])(
    'an unknown variable in %s',
    (field) => {
      const { problems } = compiled(`{ ${field}: "x/{{.Team}}" }`);
      expect(problems).toMatchObject([{ code: 'unknown-variable', line: 10 }]);
    },
  );
});

test.each([
  ['{ requireTests: true }', true],
  ['{ requireTests: false, requireLint: false }', false],
])('with the quality gates %s, delivery knows whether the result was checked', (gates, want) => {
  const { workflow } =
    compiled(`{ onComplete: create-pr }\n  qualityGates: ${gates}`).compiled ?? {};
  const steps = ['deliver', 'finish'].map((name) => {
    const template = workflow?.spec.templates?.find((one) => one.name === name);
    const env = template?.container?.env?.find((one) => one.name === 'AGENTTEAM_SPEC');
    return JSON.parse(env?.value ?? '{}').checked;
  });
  expect(steps).toEqual([want, want]);
});
