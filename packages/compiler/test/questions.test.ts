import { describe, expect, test } from '@jest/globals';
import { compileText } from '../src/index.ts';

const team = (questions: string, lifecycle = '', name = 'writer'): string => `
apiVersion: claude.amcheste.io/v1alpha1
kind: AgentTeam
metadata: { name: asking }
spec:
  workspace: { output: {} }
  auth: { apiKeySecret: key }
  lead: { prompt: Coordinate. }
  teammates: [{ name: ${name}, prompt: Write. }]
  lifecycle: { ${lifecycle} questions: ${questions} }
`;

/** The rules in the spec of each agent. */
function rulesIn(text: string): readonly unknown[] {
  const { compiled } = compileText(text);
  const found: unknown[] = [];
  JSON.stringify(compiled?.workflow, (key, value: unknown) => {
    if (key === 'value' && typeof value === 'string' && value.includes('"maxRestarts"')) {
      found.push((JSON.parse(value) as { questions?: unknown }).questions);
    }
    return value;
  });
  return found;
}

const codesOf = (text: string): readonly string[] =>
  (compileText(text).problems ?? []).map(({ code, path }) => `${code} ${path.slice(-2).join('.')}`);

describe('the rules for questions', () => {
  test.each([
    ['{}', '', { deadlineSeconds: 3600, unanswered: 'continue' }],
    ['{}', 'timeout: 30m,', { deadlineSeconds: 900, unanswered: 'continue' }],
    ['{ deadline: 2h, unanswered: fail }', '', { deadlineSeconds: 7200, unanswered: 'fail' }],
  ])('%s with %j reach every agent', (questions, lifecycle, rules) => {
    expect(rulesIn(team(questions, lifecycle))).toEqual([rules, rules]);
  });
});

test.each([
  ['{ deadline: soon }', '', 'bad-duration questions.deadline'],
  ['{ deadline: 5h }', '', 'out-of-bounds questions.deadline'],
  ['{ unanswered: ask }', '', 'not-allowed questions.unanswered'],
  ['{ channel: slack }', '', 'rule lifecycle.questions'],
  ['{ answerers: { users: [ada] } }', '', 'needs-admission questions.answerers'],
])('%s is refused', (questions, lifecycle, problem) => {
  expect(codesOf(team(questions, lifecycle))).toEqual([problem]);
});

test('a name that cannot be part of an annotation is refused', () => {
  expect(codesOf(team('{}', '', 'a'.repeat(62)))).toContain('out-of-bounds 0.name');
});
