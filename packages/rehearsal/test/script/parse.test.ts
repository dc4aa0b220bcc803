// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of scripts look like that.
import { formatProblems } from '@agentteam/compiler';
import { describe, expect, test } from '@jest/globals';
import { parseScript } from '../../src/index.ts';

/** A script of one agent whose only turn is this. */
const turn = (yaml: string): string => `agents:\n  mate:\n    turns:\n      - ${yaml}\n`;

const WRONG: readonly (readonly [name: string, yaml: string, problem: string])[] = [
  ['no YAML', 'agents: [', '1:10: yaml-syntax'],
  ['a key twice', 'agents: {}\nagents: {}\n', '2:1: duplicate-key'],
  ['empty', '', '1:1: wrong-type'],
  ['a list', '- a\n', '1:1: wrong-type'],
  ['no agents', 'mcpServers: {}\n', '1:1: missing-field'],
  ['an unknown field', turn('{text: a, tool: b}'), '4:19: unknown-field'],
  ['a wrong type', turn('{text: 1}'), '4:10: wrong-type'],
  ['a name that no agent can have', 'agents: {Mate: {turns: []}}', '1:10: wrong-form'],
  ['a turn of nothing', turn('{delayMs: 1}'), '4:9: empty-turn'],
  ['a negative delay', turn('{text: a, delayMs: -1}'), '4:19: out-of-bounds'],
  ['a call of nothing', turn('tools: [{input: {}}]'), '4:17: which-tool'],
  ['a call of two', turn('tools: [{name: Bash, mcp: gmail}]'), '4:17: which-tool'],
  ['a tool beside a name', turn('tools: [{name: Bash, tool: x}]'), '4:30: which-tool'],
  ['a label twice', turn('tools: [{name: A, as: x}, {name: B, as: x}]'), '4:45: repeated-label'],
  ['an unknown reference', turn('text: "${HOME}"'), '4:9: unknown-reference'],
  ['a kind without a name', turn('text: "${mail}"'), '4:9: unknown-reference'],
  [
    'a label that comes later',
    turn('tools: [{name: A, as: x, input: {y: "${result.x}"}}]'),
    '4:42: unknown-label',
  ],
  [
    'a reference deep in an input',
    turn('tools: [{name: A, input: {y: [{z: "${a}"}]}}]'),
    '4:40: unknown-reference',
  ],
  ['an error of nothing', turn('{text: a, errors: [{times: 2}]}'), '4:28: which-error'],
  ['a status that is no error', turn('{text: a, errors: [{status: 200}]}'), '4:29: out-of-bounds'],
  ['an empty condition', turn('{text: a, until: {}}'), '4:19: out-of-bounds'],
];

describe('a script', () => {
  test.each(WRONG)('with %s is refused where it is wrong', (_, yaml, expected) => {
    const { script, problems } = parseScript(yaml, 'x.yaml');
    expect(script).toBeUndefined();
    const [problem] = problems;
    expect(`${problem?.line}:${problem?.column}: ${problem?.code}`).toBe(expected);
  });

  test('has all its problems told at once', () => {
    const { problems } = parseScript(turn('{txt: a, usage: {inputs: 1}, pace: {}}'), 'x.yaml');
    expect(problems.map(({ code }) => code).toSorted()).toEqual([
      'missing-field',
      'missing-field',
      'unknown-field',
      'unknown-field',
    ]);
  });

  test('has its problems told with file, line, column and a way out', () => {
    const text = turn('text: "${HOME}"');
    const { problems } = parseScript(text, 'x.yaml');
    expect(formatProblems(problems, { file: 'x.yaml', text }).split('\n')).toEqual([
      'x.yaml:4:9: agents.mate.turns[0].text: `${HOME}` is not a reference [unknown-reference]',
      '  4 |       - text: "${HOME}"',
      '              ^',
      '  hint: references begin with last, result, task, mail, report, paths; for a literal one write $${HOME}',
    ]);
  });

  test('that repeats itself without end is refused', () => {
    const bomb = ['a: &a [x, x, x, x, x, x, x, x, x]'];
    for (const [from, to] of ['ab', 'bc', 'cd', 'de']) {
      bomb.push(`${to}: &${to} [${Array(9).fill(`*${from}`).join(', ')}]`);
    }
    const { problems } = parseScript(bomb.join('\n'), 'x.yaml');
    expect(problems).not.toEqual([]);
  });

  test('knows the line of each turn', () => {
    const { script } = parseScript(`${turn('text: a')}      - text: b\n`, 'x.yaml');
    expect(script?.agents['mate']?.turns).toEqual([
      { text: 'a', line: 4 },
      { text: 'b', line: 5 },
    ]);
  });
});
