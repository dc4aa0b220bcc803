// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of scripts look like that.
import { formatProblems } from '@agentteam/compiler';
import { describe, expect, test } from '@jest/globals';
import { parseScript } from '../../src/index.ts';

/** A script with one agent and one turn. */
const turn = (yaml: string): string => `agents:\n  mate:\n    turns:\n      - ${yaml}\n`;

const WRONG: readonly (readonly [name: string, yaml: string, problem: string])[] = [
  ['invalid YAML', 'agents: [', '1:10: yaml-syntax'],
  ['a repeated key', 'agents: {}\nagents: {}\n', '2:1: duplicate-key'],
  ['empty', '', '1:1: wrong-type'],
  ['a list', '- a\n', '1:1: wrong-type'],
  ['no agents', 'mcpServers: {}\n', '1:1: missing-field'],
  ['an unknown field', turn('{text: a, tool: b}'), '4:19: unknown-field'],
  ['a wrong type', turn('{text: 1}'), '4:10: wrong-type'],
  ['an invalid agent name', 'agents: {Mate: {turns: []}}', '1:10: wrong-form'],
  [
    'an answer without a text',
    'agents: {}\npeople: {answers: [{question: mate.1}]}\n',
    '2:20: missing-field',
  ],
  [
    'an answer to no question',
    'agents: {}\npeople: {answers: [{question: mate, text: x}]}\n',
    '2:21: wrong-form',
  ],
  ['an empty turn', turn('{delayMs: 1}'), '4:9: empty-turn'],
  ['a negative delay', turn('{text: a, delayMs: -1}'), '4:19: out-of-bounds'],
  ['a call without a tool', turn('tools: [{input: {}}]'), '4:17: which-tool'],
  ['a call with two tools', turn('tools: [{name: Bash, mcp: gmail}]'), '4:17: which-tool'],
  ['a tool beside a name', turn('tools: [{name: Bash, tool: x}]'), '4:30: which-tool'],
  ['a repeated label', turn('tools: [{name: A, as: x}, {name: B, as: x}]'), '4:45: repeated-label'],
  ['an unknown reference', turn('text: "${HOME}"'), '4:9: unknown-reference'],
  ['a reference without a name', turn('text: "${mail}"'), '4:9: unknown-reference'],
  [
    'a reference to a later label',
    turn('tools: [{name: A, as: x, input: {y: "${result.x}"}}]'),
    '4:42: unknown-label',
  ],
  [
    'an unknown reference inside an input',
    turn('tools: [{name: A, input: {y: [{z: "${a}"}]}}]'),
    '4:40: unknown-reference',
  ],
  ['an empty error', turn('{text: a, errors: [{times: 2}]}'), '4:28: which-error'],
  [
    'an error with a status of success',
    turn('{text: a, errors: [{status: 200}]}'),
    '4:29: out-of-bounds',
  ],
  ['an empty condition', turn('{text: a, until: {}}'), '4:19: out-of-bounds'],
  [
    'the lead under both of its names',
    'agents:\n  lead: {turns: []}\n  team-lead: {turns: []}\n',
    '3:3: repeated-agent',
  ],
];

describe('a script', () => {
  test.each(WRONG)('with %s is refused at the right position', (_, yaml, expected) => {
    const { script, problems } = parseScript(yaml, 'x.yaml');
    expect(script).toBeUndefined();
    const [problem] = problems;
    expect(`${problem?.line}:${problem?.column}: ${problem?.code}`).toBe(expected);
  });

  test('is refused with all its problems together', () => {
    const { problems } = parseScript(turn('{txt: a, usage: {inputs: 1}, pace: {}}'), 'x.yaml');
    expect(problems.map(({ code }) => code).toSorted()).toEqual([
      'missing-field',
      'missing-field',
      'unknown-field',
      'unknown-field',
    ]);
  });

  test('is refused with file, line, column and a hint', () => {
    const text = turn('text: "${HOME}"');
    const { problems } = parseScript(text, 'x.yaml');
    expect(formatProblems(problems, { file: 'x.yaml', text }).split('\n')).toEqual([
      'x.yaml:4:9: agents.mate.turns[0].text: unknown reference `${HOME}` [unknown-reference]',
      '  4 |       - text: "${HOME}"',
      '              ^',
      '  hint: references start with last, result, task, mail, report, paths; write $${HOME} for the literal text',
    ]);
  });

  test('with too many aliases is refused', () => {
    const bomb = ['a: &a [x, x, x, x, x, x, x, x, x]'];
    for (const [from, to] of ['ab', 'bc', 'cd', 'de']) {
      bomb.push(`${to}: &${to} [${Array(9).fill(`*${from}`).join(', ')}]`);
    }
    const { problems } = parseScript(bomb.join('\n'), 'x.yaml');
    expect(problems).not.toEqual([]);
  });

  test('records the line of each turn', () => {
    const { script } = parseScript(`${turn('text: a')}      - text: b\n`, 'x.yaml');
    expect(script?.agents['mate']?.turns).toEqual([
      { text: 'a', line: 4 },
      { text: 'b', line: 5 },
    ]);
  });
});

test('the lead is `lead`, and `team-lead` means the same', () => {
  const script = (lead: string): unknown => {
    const text = `
agents:
  ${lead}: { turns: [{ text: a }] }
  mate: { turns: [{ text: b, until: { mail: [${lead}] } }] }
people:
  answers: [{ question: ${lead}.1, text: yes }]
  messages: [{ to: ${lead}, text: x, after: { agent: ${lead}, turn: 1 } }]
  pauses: [{ after: { agent: ${lead}, turn: 1 }, forMs: 1 }]
`;
    return parseScript(text, 'x.yaml');
  };
  const parsed = script('lead');
  expect(parsed).toEqual(script('team-lead'));
  expect(parsed).toMatchObject({
    problems: [],
    script: {
      agents: { 'team-lead': {}, mate: { turns: [{ until: { mail: ['team-lead'] } }] } },
      people: {
        answers: [{ question: 'lead.1' }],
        messages: [{ to: 'team-lead', after: { agent: 'team-lead' } }],
        pauses: [{ after: { agent: 'team-lead' } }],
      },
    },
  });
  expect(
    parseScript(
      'agents: { lead: { turns: [{ text: a }] } }\npeople:\n  pauses: [{ after: { agent: team-lead, turn: 2 }, forMs: 1 }]\n',
      'x.yaml',
    ),
  ).toMatchObject({
    problems: [{ code: 'unknown-turn', line: 3, message: '`lead` has 1 turn' }],
  });
});
