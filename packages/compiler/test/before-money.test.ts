import { ENV } from '@agentteam/contract';
import { describe, expect, test } from '@jest/globals';
import { type CompileResult, compileText, formatProblems } from '../src/index.ts';

interface Parts {
  readonly repository?: string;
  readonly auth?: string;
  readonly mate?: string;
  readonly more?: string;
}

function compiled({
  repository = '{ url: "https://git.example.com/acme/app.git" }',
  auth = '{ apiKeySecret: key }',
  mate = '{ name: api, prompt: Write. }',
  more = '',
}: Parts): CompileResult {
  return compileText(`apiVersion: claude.amcheste.io/v1alpha1
kind: AgentTeam
metadata: { name: demo }
spec:
  repository: ${repository}
  auth: ${auth}
  lead: { prompt: Coordinate. }
  teammates: [${mate}]
${more}`);
}

/** Codes and paths of the problems. */
const refused = (parts: Parts) =>
  compiled(parts).problems.map(({ code, path }) => `${code} ${path.slice(1).join('.')}`);

/** Codes of the warnings. */
const warned = (parts: Parts) => compiled(parts).warnings.map(({ code }) => code);

describe('models', () => {
  // All aliases that the pinned Claude Code knows.
  const aliases = ['opus', 'sonnet', 'haiku', 'fable', 'best', 'opusplan'];
  const long = ['opus', 'sonnet', 'fable', 'opusplan'].map((name) => `"${name}[1m]"`);
  test.each([...aliases, ...long])('%s is an alias', (model) => {
    expect(refused({ mate: `{ name: api, prompt: x, model: ${model} }` })).toEqual([]);
  });
  test.each(['claude-sonnet-4-5-20250929', '"claude-opus-5-5[1m]"', 'anthropic.claude-x:0'])(
    '%s is a model',
    (model) => expect(refused({ mate: `{ name: api, prompt: x, model: ${model} }` })).toEqual([]),
  );
  test.each(['opsu', 'gpt', '"sonnet[2m]"', '"haiku[1m]"', '""', '"opus "'])(
    '%s is not a model',
    (model) => {
      const [problem = ''] = refused({ mate: `{ name: api, prompt: x, model: ${model} }` });
      expect(problem).toContain('teammates.0.model');
    },
  );
});

describe('scopes', () => {
  const scope = (paths: string) => `{ name: api, prompt: x, scope: { ${paths} } }`;
  test.each([
    ['includePaths: ["../../etc"]', 'leads outside the repository'],
    ['includePaths: [src/../../x]', 'leads outside the repository'],
    ['excludePaths: [".git/hooks"]', 'belongs to git'],
    ['includePaths: ["src\\\\api"]', 'contains a backslash'],
    ['includePaths: ["src/**"]', 'beginning: `src/`'],
    ['includePaths: ["*.ts"]', 'beginning: `src/`'],
    ['includePaths: ["  "]', 'the path is empty'],
    ['includePaths: [src/api/, src/web], excludePaths: [src]', 'the agent could change nothing'],
  ])('%s', (paths, words) => {
    const { problems } = compiled({ mate: scope(paths) });
    expect(problems).toMatchObject([{ code: 'bad-scope' }]);
    expect(formatProblems(problems, { file: 'team.yaml' })).toContain(words);
  });
  test.each(['includePaths: [src/, "app/[id]/", /docs, ./a..b]', 'excludePaths: [src/api/]'])(
    '%s is valid',
    (paths) => expect(refused({ mate: scope(paths) })).toEqual([]),
  );
});

test.each([
  ['{ name: api, prompt: "  \\n\\t " }', 'wrong-form teammates.0.prompt'],
  // Zero-width and other invisible characters, fillers of Korean and Braille, and a mark without a letter.
  [
    '{ name: api, prompt: " \\u200B\\u2060\\uFEFF\\u00AD\\U000E0041" }',
    'wrong-form teammates.0.prompt',
  ],
  [
    '{ name: api, prompt: "\\u115F\\u1160\\u3164\\uFFA0\\u2800\\uFE0F\\u034F" }',
    'wrong-form teammates.0.prompt',
  ],
  ['{ name: lead, prompt: x }', 'rule teammates.0.name'],
  ['{ name: team-lead, prompt: x }', 'rule teammates.0.name'],
])('%s', (mate, problem) => expect(refused({ mate })).toEqual([problem]));

test.each([
  ['{ apiKeySecret: key }', []],
  ['{ apiKeySecret: key, oauthSecret: token }', ['two-credentials']],
  ['{}', ['no-credential']],
])('warnings for the credential %s', (auth, codes) => expect(warned({ auth })).toEqual(codes));

test.each([
  ['{ timeout: 8h, approvalTimeout: 8h }', []],
  ['{ timeout: 1h, approvalTimeout: 61m }', ['never-reached']],
  ['{ approvalTimeout: 8h }', ['never-reached']],
])('warnings for the times %s', (lifecycle, codes) => {
  expect(warned({ more: `  lifecycle: ${lifecycle}` })).toEqual(codes);
});

test('a warning for a gate before the delivery of a team that delivers nothing', () => {
  const more = '  lifecycle: { approvalGates: [{ event: deliver }] }';
  expect(warned({ more })).toEqual(['never-reached']);
});

test.each([
  ['"2.00"', []],
  ['"2.01"', ['never-reached']],
])('warnings for an agent that may spend %s of $2', (budget, codes) => {
  const mate = `{ name: api, prompt: x, budgetLimit: ${budget} }`;
  expect(warned({ mate, more: '  lifecycle: { budgetLimit: "2.00" }' })).toEqual(codes);
});

test.each([
  ['{ url: "https://github.com/a/b.git", credentialsSecret: git }', []],
  ['{ url: "git@git.example.com:a/b.git", credentialsSecret: git }', ['unknown-hosting']],
  ['{ url: "/srv/git/a/b", credentialsSecret: git }', ['unknown-hosting']],
  ['{ url: "https://github.com/a/b.git" }', ['no-hosting-token']],
])('warnings for a pull request at %s', (repository, codes) => {
  expect(warned({ repository, more: '  lifecycle: { onComplete: create-pr }' })).toEqual(codes);
});

test.each([
  ['https://bitbucket.org/acme/backend.git', 'create-pr', 'no-pull-requests lifecycle.onComplete'],
  ['git@ssh.dev.azure.com:v3/acme/shop/x', 'create-pr', 'no-pull-requests lifecycle.onComplete'],
  ['https://acme.visualstudio.com/_git/x', 'create-pr', 'no-pull-requests lifecycle.onComplete'],
  ['https://bitbucket.org/acme/backend.git', 'push-branch', undefined],
  ['https://acme@dev.azure.com/acme/shop/_git/x', 'push-branch', 'rule repository.url'],
  ['git@bitbucket.org:acme/backend.git', 'push-branch', undefined],
])('%s with %s', (url, onComplete, problem) => {
  const repository = `{ url: "${url}", credentialsSecret: git }`;
  const more = `  lifecycle: { onComplete: ${onComplete} }`;
  expect(refused({ repository, more })).toEqual(problem === undefined ? [] : [problem]);
});

test.each([
  ['branch: "a..b"', 'bad-branch repository.branch'],
  ['branch: teams', 'bad-branch lifecycle.consolidatedBranchTemplate'],
])('a repository with %s', (branch, problem) => {
  expect(refused({ repository: `{ url: "https://github.com/a/b.git", ${branch} }` })).toEqual([
    problem,
  ]);
});

test.each(['0s', '15', 'soon'])('checks with the timeout %s', (timeout) => {
  const more = `  qualityGates: { requireTests: true, timeout: "${timeout}" }`;
  expect(refused({ more })).toEqual(['bad-duration qualityGates.timeout']);
});

test('a team of 16 teammates with prompts of 16 KB each fits into a Workflow and its environment variables', () => {
  const line = 'Do "this" & {{that}} $(now), and do not forget the tests for it.\\n';
  const prompt = line.repeat(Math.ceil(16_384 / line.length));
  const mates = Array.from(
    { length: 16 },
    (_, n) =>
      `{ name: mate-${n}, prompt: "${prompt.replaceAll('"', '\\"').replaceAll('\\\\"', '\\"')}" }`,
  );
  const more = '  qualityGates: { requireTests: true }\n  lifecycle: { onComplete: push-branch }';
  const { compiled: made, problems } = compiled({ mate: mates.join(', '), more });
  expect(problems).toEqual([]);
  const values = (made?.workflow.spec.templates ?? []).flatMap(
    ({ container, initContainers = [] }) =>
      [...(container ? [container] : []), ...initContainers].flatMap(({ env = [] }) =>
        env.flatMap(({ name, value = '' }) => (name === ENV.spec ? [value] : [])),
      ),
  );
  for (const value of values) expect(Buffer.byteLength(value)).toBeLessThan(100_000);
  const own = values.map((value) => (value.startsWith('{{') ? {} : JSON.parse(value)));
  expect(own.filter(({ prompt = '' }) => prompt.length > 16_000)).toHaveLength(16);
  expect(Buffer.byteLength(JSON.stringify(made?.workflow))).toBeLessThan(768 << 10);
});

test.each(['"!"', '"请\u200B"', '"🚀"', '"हि"'])('the prompt %s is valid', (prompt) => {
  expect(refused({ mate: `{ name: api, prompt: ${prompt} }` })).toEqual([]);
});

test.each(['testCommand', 'lintCommand'])('%s of invisible characters', (field) => {
  const more = `  qualityGates: { ${field}: "\\u200B" }`;
  expect(refused({ more })).toContain(`wrong-form qualityGates.${field}`);
});
