import { readFileSync } from 'node:fs';
import { parseDuration } from '@agentteam/contract';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { type CompileOptions, checkObject, compileText, formatProblems } from '../src/index.ts';

const seed = readFileSync(
  new URL('../../../examples/q3-report/team.yaml', import.meta.url),
  'utf8',
);

/** Replaces a part of the Cowork example's text. Returns each problem's code, and the word under its caret. */
function problemsOf(replaced: string, by: string, options?: CompileOptions): readonly string[] {
  if (!seed.includes(replaced)) throw new Error(`the example has no ${replaced}`);
  const text = seed.replace(replaced, by);
  return compileText(text, options).problems.map(({ code, line = 0, column = 0 }) => {
    const atCaret = text.split('\n')[line - 1]?.slice(column - 1) ?? '';
    return `${code} ${/^[^:\s]*/.exec(atCaret)?.[0]}`;
  });
}

const CODING = 'repository:\n    url: "git@example.com:a/b.git"\n  workspace:';

test.each([
  [
    'budgetLimit: "15.00"',
    `budgetLimit: "1${'0'.repeat(40)}"`,
    'has 41 characters; the limit is 32',
  ],
  ['prompt: "Analyse', 'prompt: "" # "', '`prompt` is empty'],
  [
    'budgetLimit: "15.00"',
    'pullRequest: { labels: [""] }',
    'pullRequest.labels[0]: `labels[0]` is empty',
  ],
  ['name: q3-report', 'name: q3-report.', 'start and end each part between dots with a letter'],
  ['budgetLimit: "15.00"', 'maxRestarts: 101', 'must be at most 100'],
  ['budgetLimit: "15.00"', 'maxRestarts: -1', 'must be at least 0'],
  [
    'name: "researcher"',
    'name: "The Researcher"',
    'hint: use lower-case letters, digits and hyphens',
  ],
  ['name: "researcher"', 'name: "The Researcher"', 'spec.teammates[0].name: '],
  ['prompt: "Analyse', 'promt: "Analyse', 'hint: did you mean `prompt`?'],
  ['mountPath: "/workspace/data"', 'x: 1', 'hint: known fields: configMap, pvc, mountPath'],
  ['channel: "webhook"', 'channel: "webhok"', 'hint: did you mean `webhook`?'],
  ['event: "spawn-email', 'event: "spawn-emial', 'hint: did you mean `spawn-email-drafter`?'],
  ['budgetLimit: "15.00"', 'budgetLimit: 15.5', 'hint: put it in quotes: "15.5"'],
  ['model: "sonnet"', 'dependsOn: ["drafter"]', 'hint: teammates: email-drafter'],
  [
    'name: "researcher"',
    'name: "researcher"\n      resources: { limits: { cpu: lots } }',
    'hint: enter a Kubernetes quantity: 500m, 1.5, 2Gi',
  ],
  [
    'name: "researcher"',
    'name: "researcher"\n      resources: { limits: { nvidia.com/gpu: lots } }',
    'spec.teammates[0].resources.limits["nvidia.com/gpu"]: ',
  ],
])('%s replaced by %s is explained', (replaced, by, words) => {
  if (!seed.includes(replaced)) throw new Error(`the example has no ${replaced}`);
  const text = seed.replace(replaced, by);
  const { problems } = compileText(text);
  expect(formatProblems(problems, { file: 'team.yaml', text })).toContain(words);
});

describe('each problem has a code and a position', () => {
  test.each([
    [
      'an unknown field',
      'prompt: "Analyse',
      'promt: "Analyse',
      ['missing-field name', 'unknown-field promt'],
    ],
    [
      'a missing prompt, and another problem',
      'prompt: "Analyse',
      'budgetLimit: "x"\n      dependsOn: [nobody] # "',
      ['missing-field name', 'unknown-teammate nobody]', 'bad-money budgetLimit'],
    ],
    [
      'a missing name, to which a gate refers, and another problem',
      'name: "email-drafter"',
      'budgetLimit: "x"',
      ['missing-field budgetLimit', 'bad-money budgetLimit'],
    ],
    [
      'a missing prompt, and a violated rule',
      'name: "researcher"\n      model: "sonnet"\n      prompt: "Analyse',
      'name: "team-lead"\n      model: "sonnet" # "',
      ['missing-field name', 'rule name'],
    ],
    [
      'a gate without its event, and another problem',
      'approvalGates:\n      - event: "spawn-email-drafter"\n        channel',
      'approvalTimeout: "soon"\n    approvalGates:\n      - channel',
      ['missing-field channel', 'bad-duration approvalTimeout'],
    ],
    ['no name', '  name: q3-report\n', '', ['bad-name metadata']],
    [
      'no header',
      'metadata:\n  name: q3-report\n  namespace: cowork-agents\n',
      '',
      ['bad-name apiVersion'],
    ],
    ['another version', 'v1alpha1', 'v1', ['wrong-version apiVersion']],
    [
      'a number in place of a string, and another problem',
      'budgetLimit: "15.00"',
      'budgetLimit: 15.00\n    approvalTimeout: "soon"',
      ['wrong-type budgetLimit', 'bad-duration approvalTimeout'],
    ],
    [
      'a value that is not allowed',
      'channel: "webhook"',
      'channel: "telegraph"',
      ['not-allowed channel'],
    ],
    [
      'a value that does not match its pattern',
      'name: "researcher"',
      'name: "The Researcher"',
      ['wrong-form name'],
    ],
    ['the lead’s own name', 'name: "researcher"', 'name: "team-lead"', ['rule name']],
    ['the name of the runner’s MCP server', 'name: "gmail"', 'name: "agentteam"', ['rule name']],
    [
      'a repeated name',
      'name: "email-drafter"',
      'name: "researcher"',
      ['repeated-name name', 'unknown-event event'],
    ],
    [
      'an unknown teammate',
      'model: "sonnet"',
      'dependsOn: ["email-draftre"]',
      ['unknown-teammate "email-draftre"]'],
    ],
    ['itself', 'model: "sonnet"', 'dependsOn: ["researcher"]', ['self-dependency "researcher"]']],
    [
      'a repeated dependency',
      'prompt: "Draft',
      'dependsOn: ["researcher", "researcher"]\n      prompt: "Draft',
      ['repeated-name "researcher"]'],
    ],
    [
      'a repeated gate',
      '    approvalGates:',
      '    approvalGates:\n      - event: "spawn-email-drafter"',
      ['repeated-name event'],
    ],
    [
      'a gate for an unknown teammate',
      'event: "spawn-email-drafter"',
      'event: "spawn-emial-drafter"',
      ['unknown-event event'],
    ],
    ['zero time', 'timeout: "3h"', 'timeout: "0h"', ['bad-duration timeout']],
    ['nonsense time', 'timeout: "3h"', 'timeout: "soon"', ['bad-duration timeout']],
    ['three decimals', '"15.00"', '"15.001"', ['bad-money budgetLimit']],
    ['a negative amount', '"15.00"', '"-1"', ['bad-money budgetLimit']],
    ['nothing to spend', '"15.00"', '"0.00"', ['bad-money budgetLimit']],
    ['an agent’s own limit', 'model: "sonnet"', 'budgetLimit: "1,50"', ['bad-money budgetLimit']],
    [
      'a mount outside /workspace',
      'mountPath: "/workspace/data"',
      'mountPath: "/etc"',
      ['bad-mount-path mountPath'],
    ],
    [
      'a mount with ..',
      'mountPath: "/workspace/data"',
      'mountPath: "/workspace/../etc"',
      ['bad-mount-path mountPath'],
    ],
    [
      'a mount with .. further down',
      'mountPath: "/workspace/data"',
      'mountPath: "/workspace/data/../../etc"',
      ['bad-mount-path mountPath'],
    ],
    [
      'a mount outside with a similar name',
      'mountPath: "/workspace/data"',
      'mountPath: "/etc/workspace/data"',
      ['bad-mount-path mountPath'],
    ],
    [
      'a mount in a reserved directory',
      'mountPath: "/workspace/data"',
      'mountPath: "/workspace/repository/data"',
      ['overlapping-mounts mountPath'],
    ],
    [
      'a mount inside one that ends with a slash',
      'mountPath: "/workspace/data"\n    output:\n      mountPath: "/workspace/output"',
      'mountPath: "/workspace/data/"\n    output:\n      mountPath: "/workspace/data/out"',
      ['overlapping-mounts mountPath'],
    ],
    [
      'mounts inside each other',
      'mountPath: "/workspace/data"',
      'mountPath: "/workspace/output/data"',
      ['overlapping-mounts mountPath'],
    ],
    [
      'two sources',
      'configMap: "data-analysis-skill"',
      'configMap: "a"\n            oci: "b"',
      ['rule source', 'bad-oci-reference oci'],
    ],
    ['no source', 'configMap: "data-analysis-skill"', '{}', ['rule source']],
    [
      'a webhook channel without a URL',
      '        webhookUrl: "https://hooks.example.com/approvals"',
      '',
      ['rule event'],
    ],
    [
      'an unknown webhook event',
      'workspace:',
      'observability: {webhook: {url: "https://a.example", events: [BudgetExceeded, "begun"]}}\n  workspace:',
      ['unknown-notification "begun"]}}'],
    ],
    [
      'an unsupported backend',
      'workspace:',
      'coordination: {mailboxBackend: redis}\n  workspace:',
      ['not-supported mailboxBackend'],
    ],
    [
      'a pull request without a repository',
      'timeout: "3h"',
      'onComplete: create-pr',
      ['rule spec'],
    ],
    [
      'an unknown variable',
      'timeout: "3h"',
      'consolidatedBranchTemplate: "{{.Nobody}}"',
      ['unknown-variable consolidatedBranchTemplate'],
    ],
    [
      'an invalid name of a Secret',
      'apiKeySecret: "anthropic-api-key"',
      'apiKeySecret: "{{workflow.name}}"',
      ['bad-object-name apiKeySecret'],
    ],
    ['a key twice', 'metadata:', 'kind: AgentTeam\nmetadata:', ['duplicate-key kind']],
    ['two teams', 'apiVersion', `${seed}\n---\napiVersion`, ['several-teams apiVersion']],
  ])('%s', (_, replaced, by, expected) => {
    expect(problemsOf(replaced, by)).toEqual(expected);
  });

  test('a repeated skill', () => {
    const skill =
      '- name: "data-analysis"\n          source:\n            configMap: "data-analysis-skill"';
    expect(problemsOf(skill, `${skill}\n        ${skill}`)).toEqual(['repeated-name name']);
  });
});

describe('a gate is refused where its settings cannot take effect', () => {
  const WEBHOOK = 'channel: "webhook"\n        webhookUrl: "https://hooks.example.com/approvals"';

  test.each(['approvers: { groups: [leads] }', 'requiredApprovals: 2', 'allowAuthor: false'])(
    '%s, without the admission webhook',
    (asked) => {
      const [field] = asked.split(':');
      expect(problemsOf(WEBHOOK, asked)).toEqual([`needs-admission ${field}`]);
      expect(problemsOf(WEBHOOK, asked, { controller: { admission: true } })).toEqual([]);
    },
  );

  test('the channel email, without a mail server', () => {
    const mailed = 'channel: email\n        emailTo: [ann@example.com]';
    expect(problemsOf(WEBHOOK, mailed)).toEqual([]);
    expect(problemsOf(WEBHOOK, mailed, { controller: { mailServer: false } })).toEqual([
      'needs-mail-server channel',
    ]);
    expect(compileText(seed, { controller: { mailServer: false } }).problems).toEqual([]);
  });
});

test('an empty text is one problem', () => {
  expect(problemsOf('prompt: "Analyse', 'prompt: "" # "')).toEqual(['out-of-bounds prompt']);
});

test('an object of another kind is refused', () => {
  const { problems } = checkObject({ ...parse(seed), kind: 'AgentTeamRun' });
  expect(problems).toMatchObject([{ code: 'wrong-kind', path: ['kind'] }]);
});

test('YAML anchors and merge keys can share fields between agents', () => {
  const text = seed
    .replace('- name: "researcher"', '- &shared\n      name: "researcher"')
    .replace('name: "email-drafter"', '<<: *shared\n      name: "email-drafter"')
    .replaceAll('      model: "sonnet"\n', '')
    .replace('prompt: "Analyse', 'model: haiku\n      prompt: "Analyse');
  const { compiled, problems } = compileText(text);
  expect(problems).toEqual([]);
  expect(compiled?.team.spec.teammates.map(({ model }) => model)).toEqual(['haiku', 'haiku']);
});

test('a team may have a repository and a workspace', () => {
  expect(compileText(seed.replace('workspace:', CODING)).problems).toEqual([]);
});

test('all problems are printed at once, each with its line and a caret', () => {
  const text = seed
    .replace('teammates:', 'teammates:\n    - { name: "writer", prompt: "Write." }')
    .replace('model: "sonnet"', 'dependsOn: ["writer", "editor", "email-drafter"]')
    .replace('prompt: "Draft', 'dependsOn: ["researcher"]\n      prompt: "Draft')
    .replace('mountPath: "/workspace/data"', 'mountPath: "/data"')
    .replace('timeout: "3h"', 'timeout: "never"');
  const { problems } = compileText(text);
  expect(formatProblems(problems, { file: 'team.yaml', text })).toBe(
    [
      'team.yaml:10:9: spec.workspace.inputs[0].mountPath: `/data` is not a valid path below /workspace [bad-mount-path]',
      '  10 |         mountPath: "/data"',
      '               ^',
      '  hint: use letters, digits, dots, hyphens and underscores, for example /workspace/data',
      '',
      'team.yaml:22:7: spec.teammates[1].dependsOn: the dependencies form a cycle: researcher → email-drafter → researcher [dependency-cycle]',
      '  22 |       dependsOn: ["writer", "editor", "email-drafter"]',
      '             ^',
      '  hint: remove one of these dependencies',
      '',
      'team.yaml:22:29: spec.teammates[1].dependsOn[1]: there is no teammate `editor` [unknown-teammate]',
      '  22 |       dependsOn: ["writer", "editor", "email-drafter"]',
      '                                   ^',
      '  hint: teammates: writer, email-drafter',
      '',
      'team.yaml:36:5: spec.lifecycle.timeout: `never` is not a duration greater than zero [bad-duration]',
      '  36 |     timeout: "never"',
      '           ^',
      '  hint: for example: 45s, 90m, 1h30m, 4h, 2d',
    ].join('\n'),
  );
});

test('only the part of a long line around the caret is shown', () => {
  const text = seed.replace(
    'workspace:',
    `coordination: {${' '.repeat(300)}mailboxBackend: redis }${' '.repeat(300)}\n  workspace:`,
  );
  const shown = formatProblems(compileText(text).problems, { file: 'team.yaml', text });
  const [, line = '', caret = ''] = shown.split('\n');
  expect(line.slice(caret.indexOf('^'))).toMatch(/^mailboxBackend: redis/);
  expect(line.length).toBeLessThan(140);
});

test('names of objects are checked everywhere', () => {
  const text = seed
    .replace('configMap: "quarterly-data"', 'configMap: "quarterly-data/2"')
    .replace('configMap: "data-analysis-skill"', 'configMap: "skills..v2"')
    .replace(
      'url: "https://gmail',
      `credentialsSecret: "${'g'.repeat(253)}"\n          url: "https://gmail`,
    )
    .replace('mcpServers:', 'skills: [{ name: a, source: { configMap: "A" } }]\n      mcpServers:')
    .replace(
      'model: "opus"',
      'mcpServers: [{ name: a, url: "https://a.test", credentialsSecret: A }]',
    );
  const found = compileText(text).problems.map(({ code, path }) => `${code} ${path.join('.')}`);
  expect(found).toEqual([
    'bad-object-name spec.lead.mcpServers.0.credentialsSecret',
    'bad-object-name spec.workspace.inputs.0.configMap',
    'bad-object-name spec.teammates.0.skills.0.source.configMap',
    'bad-object-name spec.teammates.1.skills.0.source.configMap',
  ]);
});

test('values that do not match the schema do not hide other problems', () => {
  const text = seed
    .replace('model: "opus"', 'skills: [1]')
    .replace(
      'model: "sonnet"',
      'dependsOn: ["email-draftre"]\n      modle: "sonnet"\n      budgetLimit: 2',
    )
    .replace('name: "email-drafter"', 'name: "Email Drafter"')
    .replace('budgetLimit: "15.00"', 'budgetLimit: 15.00')
    .replace('timeout: "3h"', 'timeout: "never"')
    .replace('workspace:', 'coordination: { mailboxBackend: kafka }\n  workspace:');
  const found = compileText(text).problems.map(({ code, path }) => `${code} ${path.join('.')}`);
  expect(found).toEqual([
    'wrong-type spec.lead.skills.0',
    'unknown-field spec.teammates.0.modle',
    'wrong-type spec.teammates.0.budgetLimit',
    'wrong-form spec.teammates.1.name',
    'not-allowed spec.coordination.mailboxBackend',
    'wrong-type spec.lifecycle.budgetLimit',
    'unknown-teammate spec.teammates.0.dependsOn.0',
    'unknown-event spec.lifecycle.approvalGates.0.event',
    'bad-duration spec.lifecycle.timeout',
  ]);
});

test('rules between fields are checked beside values that do not match the schema', () => {
  const found = (text: string): readonly string[] =>
    compileText(text).problems.map(({ code, path }) => `${code} ${path.join('.')}`);
  const delivers = seed.replace(
    'budgetLimit: "15.00"',
    'budgetLimit: 15\n    onComplete: create-pr',
  );
  expect(found(delivers)).toEqual(['wrong-type spec.lifecycle.budgetLimit', 'rule spec']);
  // A rule does not mistake a value that is wrong, or whose name is, for one that is not set.
  const misspelled = delivers.replace('workspace:', 'respository: {}\n  workspace:');
  expect(found(misspelled)).toEqual([
    'unknown-field spec.respository',
    'wrong-type spec.lifecycle.budgetLimit',
  ]);
  const mistyped = delivers.replace('workspace:', 'repository: 1\n  workspace:');
  expect(found(mistyped)).toEqual([
    'wrong-type spec.repository',
    'wrong-type spec.lifecycle.budgetLimit',
  ]);
});

test.each([
  [57, []],
  [58, ['out-of-bounds spec.lifecycle.approvalGates.0.event']],
])('a gate in front of a teammate whose name has %i characters', (length, problems) => {
  const text = seed.replaceAll('email-drafter', 'n'.repeat(length));
  const found = compileText(text).problems.map(({ code, path }) => `${code} ${path.join('.')}`);
  expect(found).toEqual(problems);
});

test.each(['name', 'namespace'])('a %s that cannot be converted to a string', (field) => {
  const text = seed
    .replace('workspace:', CODING)
    .replace(new RegExp(`^  ${field}: .*$`, 'm'), `  ${field}: { toString: 0 }`);
  const found = compileText(text).problems.map(({ code, path }) => `${code} ${path.join('.')}`);
  expect(found).toContain(`bad-name metadata.${field}`);
});

test('a team file cannot control the terminal that shows its problems', () => {
  const text = seed.replace('name: "researcher"', 'name: "\u001b[2Jx"');
  const shown = formatProblems(compileText(text).problems, { file: 'team.yaml', text });
  expect(shown).not.toContain('\u001b');
});

test.each([
  ['90m', 5400],
  ['1h30m', 5400],
  ['4h', 14_400],
  ['2d', 172_800],
  ['45s', 45],
  ['0s', undefined],
  ['-1h', undefined],
  ['1h1h', undefined],
  ['30m1h', undefined],
  ['1.5h', undefined],
  ['4hours', undefined],
  ['', undefined],
])('%s is %p seconds', (text, seconds) => {
  expect(parseDuration(text)).toBe(seconds);
});

test('prompts that are too large are refused, and the largest are named', () => {
  const huge = '研'.repeat(98_000);
  const text = seed
    .replace('"Analyse the data in', `"${huge} Analyse the data in`)
    .replace('"Coordinate the Q3', `"${huge.slice(1000)} Coordinate the Q3`);
  const { compiled, problems } = compileText(text);
  expect(compiled).toBeUndefined();
  expect(problems.map(({ code }) => code)).toContain('step-too-large');
  expect(problems[0]?.hint).toMatch(/: researcher .*, lead .*, email-drafter /);
});

test.each([
  ['the step lead', '"Coordinate the Q3', '研'.repeat(41_000)],
  ['the step agent-researcher', '"Analyse the data in', '🙂'.repeat(31_000)],
])('the spec for %s is too large for an environment variable', (who, prompt, long) => {
  const { problems } = compileText(seed.replace(prompt, `${prompt} ${long}`));
  expect(problems).toMatchObject([{ code: 'step-too-large' }]);
  expect(problems[0]?.message).toContain(`the spec for ${who} is `);
});

test.each([
  ['empty', '', ['no-team']],
  ['of another kind', 'kind: ConfigMap', ['no-team']],
  ['of a kind that works on a cluster', 'kind: AgentTeamRun', ['no-team']],
  ['too large', `#${'x'.repeat(2 << 20)}`, ['file-too-large']],
  ['not YAML', 'kind: [', ['yaml-syntax']],
  ['nested too deeply', `a: ${'['.repeat(20_000)}`, ['yaml-syntax']],
  ['not a mapping', '- kind: AgentTeam', ['not-an-object']],
  ['a team and a list', `${seed}\n---\n- a`, ['not-an-object']],
  [
    'small but expands to gigabytes',
    `a: &a [x, x]\nb: &b [${'*a, '.repeat(90)}]\nc: [${'*b, '.repeat(90)}]`,
    ['yaml-syntax'],
  ],
])('a file that is %s', (_, text, codes) => {
  const { compiled, problems } = compileText(text);
  expect(compiled).toBeUndefined();
  expect(problems.map(({ code }) => code)).toEqual(codes);
});

test('the limits are in bytes, not in characters', () => {
  const codes = (letter: string): readonly string[] => {
    const prompt = letter.repeat(20_000);
    const mates = Array.from(
      { length: 16 },
      (_, index) => `{ name: m${index}, prompt: ${prompt} }`,
    );
    const text = `apiVersion: claude.amcheste.io/v1alpha1
kind: AgentTeam
metadata: { name: many }
spec: { workspace: {}, lead: { prompt: Lead. }, teammates: [${mates.join(', ')}] }`;
    return [...new Set(compileText(text).problems.map(({ code }) => code))];
  };
  expect(codes('a')).toEqual([]);
  expect(codes('研')).toEqual(['workflow-too-large']);
});
