import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { compileText, formatProblems, parseDuration } from '../src/index.ts';

const seed = readFileSync(
  new URL('../../../examples/q3-report/team.yaml', import.meta.url),
  'utf8',
);

/** The Cowork example with one piece of its text replaced: codes, and the word that each caret is under. */
function problemsOf(replaced: string, by: string): readonly string[] {
  if (!seed.includes(replaced)) throw new Error(`the example has no ${replaced}`);
  const text = seed.replace(replaced, by);
  return compileText(text).problems.map(({ code, line = 0, column = 0 }) => {
    const atCaret = text.split('\n')[line - 1]?.slice(column - 1) ?? '';
    return `${code} ${/^[^:\s]*/.exec(atCaret)?.[0]}`;
  });
}

const CODING = 'repository:\n    url: "git@example.com:a/b.git"\n  workspace:';

test.each([
  ['budgetLimit: "15.00"', `budgetLimit: "1${'0'.repeat(40)}"`, 'has 41 characters: at most 32'],
  ['prompt: "Analyse', 'prompt: "" # "', '`prompt` is empty'],
  ['budgetLimit: "15.00"', 'maxRestarts: 101', 'must be at most 100'],
  ['budgetLimit: "15.00"', 'maxRestarts: -1', 'must be at least 0'],
  ['name: "researcher"', 'name: "The Researcher"', 'hint: lower-case letters, digits and hyphens'],
  [
    'name: "researcher"',
    'name: "researcher"\n      resources: { limits: { cpu: lots } }',
    'hint: an amount as Kubernetes writes it: 500m, 1.5, 2Gi',
  ],
])('%s: %s has words for a person', (replaced, by, words) => {
  if (!seed.includes(replaced)) throw new Error(`the example has no ${replaced}`);
  const text = seed.replace(replaced, by);
  const { problems } = compileText(text);
  expect(formatProblems(problems, { file: 'team.yaml', text })).toContain(words);
});

describe('each problem has a code and a place', () => {
  test.each([
    [
      'an unknown field',
      'prompt: "Analyse',
      'promt: "Analyse',
      ['missing-field name', 'unknown-field promt'],
    ],
    [
      'a number where text belongs',
      'budgetLimit: "15.00"',
      'budgetLimit: 15.00',
      ['wrong-type budgetLimit'],
    ],
    [
      'a value that is not allowed',
      'channel: "webhook"',
      'channel: "telegraph"',
      ['not-allowed channel'],
    ],
    [
      'a form that does not hold',
      'name: "researcher"',
      'name: "The Researcher"',
      ['wrong-form name'],
    ],
    ['the lead’s own name', 'name: "researcher"', 'name: "team-lead"', ['rule name']],
    [
      'a name twice',
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
      'a gate for nobody',
      'event: "spawn-email-drafter"',
      'event: "spawn-emial-drafter"',
      ['unknown-event event'],
    ],
    ['zero time', 'timeout: "3h"', 'timeout: "0h"', ['bad-duration timeout']],
    ['nonsense time', 'timeout: "3h"', 'timeout: "soon"', ['bad-duration timeout']],
    ['three decimals', '"15.00"', '"15.001"', ['bad-money budgetLimit']],
    ['a negative amount', '"15.00"', '"-1"', ['bad-money budgetLimit']],
    [
      'a mount outside',
      'mountPath: "/workspace/data"',
      'mountPath: "/etc"',
      ['bad-mount-path mountPath'],
    ],
    [
      'a mount that climbs out',
      'mountPath: "/workspace/data"',
      'mountPath: "/workspace/../etc"',
      ['bad-mount-path mountPath'],
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
      ['rule source', 'not-supported oci'],
    ],
    ['no source', 'configMap: "data-analysis-skill"', '{}', ['rule source']],
    [
      'a webhook without its address',
      '        webhookUrl: "https://hooks.example.com/approvals"',
      '',
      ['rule event'],
    ],
    [
      'an end that nobody is told of',
      'workspace:',
      'observability: {webhook: {url: "https://a.example", events: [BudgetExceeded, "begun"]}}\n  workspace:',
      ['unknown-notification "begun"]}}'],
    ],
    [
      'a backend that is not run',
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
      'a Secret that cannot be',
      'apiKeySecret: "anthropic-api-key"',
      'apiKeySecret: "{{workflow.name}}"',
      ['bad-object-name apiKeySecret'],
    ],
    ['a key twice', 'metadata:', 'kind: AgentTeam\nmetadata:', ['duplicate-key kind']],
    ['two teams', 'apiVersion', `${seed}\n---\napiVersion`, ['several-teams apiVersion']],
  ])('%s', (_, replaced, by, expected) => {
    expect(problemsOf(replaced, by)).toEqual(expected);
  });

  test('a skill twice', () => {
    const skill =
      '- name: "data-analysis"\n          source:\n            configMap: "data-analysis-skill"';
    expect(problemsOf(skill, `${skill}\n        ${skill}`)).toEqual(['repeated-name name']);
  });
});

test('both kinds of work at once are no problem', () => {
  expect(compileText(seed.replace('workspace:', CODING)).problems).toEqual([]);
});

test('a cycle is printed, all problems at once, each with its line and a caret', () => {
  const text = seed
    .replace('model: "sonnet"', 'dependsOn: ["email-drafter"]')
    .replace('prompt: "Draft', 'dependsOn: ["researcher"]\n      prompt: "Draft')
    .replace('timeout: "3h"', 'timeout: "never"');
  const { problems } = compileText(text);
  expect(formatProblems(problems, { file: 'team.yaml', text })).toBe(
    [
      'team.yaml:21:7: spec.teammates[0].dependsOn: each waits for the next and none can start: researcher → email-drafter → researcher [dependency-cycle]',
      '  21 |       dependsOn: ["email-drafter"]',
      '             ^',
      '  hint: remove one of these dependencies',
      '',
      'team.yaml:35:5: spec.lifecycle.timeout: `never` is not a duration longer than zero [bad-duration]',
      '  35 |     timeout: "never"',
      '           ^',
      '  hint: write it as 45s, 90m, 1h30m, 4h or 2d',
    ].join('\n'),
  );
});

test('a wrong shape hides nothing of what is wrong besides', () => {
  const text = seed
    .replace('model: "sonnet"', 'dependsOn: ["email-draftre"]\n      modle: "sonnet"')
    .replace('name: "email-drafter"', 'name: "Email Drafter"')
    .replace('budgetLimit: "15.00"', 'budgetLimit: 15.00')
    .replace('timeout: "3h"', 'timeout: "never"')
    .replace('workspace:', 'coordination: { mailboxBackend: kafka }\n  workspace:');
  const found = compileText(text).problems.map(({ code, path }) => `${code} ${path.join('.')}`);
  expect(found).toEqual([
    'unknown-field spec.teammates.0.modle',
    'wrong-form spec.teammates.1.name',
    'not-allowed spec.coordination.mailboxBackend',
    'wrong-type spec.lifecycle.budgetLimit',
    'unknown-teammate spec.teammates.0.dependsOn.0',
    'unknown-event spec.lifecycle.approvalGates.0.event',
    'bad-duration spec.lifecycle.timeout',
  ]);
});

test.each([
  [57, []],
  [58, ['out-of-bounds spec.lifecycle.approvalGates.0.event']],
])('a gate before a teammate whose name has %i characters', (length, problems) => {
  const text = seed.replaceAll('email-drafter', 'n'.repeat(length));
  const found = compileText(text).problems.map(({ code, path }) => `${code} ${path.join('.')}`);
  expect(found).toEqual(problems);
});

test.each(['name', 'namespace'])('a %s that no text can be made of', (field) => {
  const text = seed
    .replace('workspace:', CODING)
    .replace(new RegExp(`^  ${field}: .*$`, 'm'), `  ${field}: { toString: 0 }`);
  const found = compileText(text).problems.map(({ code, path }) => `${code} ${path.join('.')}`);
  expect(found).toContain(`bad-name metadata.${field}`);
});

test('a team file cannot steer the terminal that shows its problems', () => {
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
  ['', undefined],
])('%s is %p seconds', (text, seconds) => {
  expect(parseDuration(text)).toBe(seconds);
});

test('prompts that fit no object are refused, with the largest named', () => {
  const huge = 'x'.repeat(98_000);
  const text = seed
    .replace('"Analyse the data in', `"${huge} Analyse the data in`)
    .replace('"Coordinate the Q3', `"${huge} Coordinate the Q3`);
  const { problems } = compileText(text);
  expect(problems.map(({ code }) => code)).toContain('step-too-large');
  expect(problems[0]?.hint).toContain('researcher');
});

test('what counts is bytes, not characters', () => {
  const codes = (letter: string): readonly string[] => {
    const prompt = letter.repeat(3000);
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
  expect(codes('研')).toEqual(['workflow-too-large', 'step-too-large']);
});
