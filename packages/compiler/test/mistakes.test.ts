import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { compileText, formatProblems } from '../src/index.ts';

const seed = readFileSync(
  new URL('../../../examples/q3-report/team.yaml', import.meta.url),
  'utf8',
).replace('prompt: "Draft', 'dependsOn: ["researcher"]\n      prompt: "Draft');

/** Returns what a person reads about a file with one mistake, without its place and its code. */
function read(replaced: string, by: string): readonly string[] {
  if (!seed.includes(replaced)) throw new Error(`the example has no ${replaced}`);
  const text = seed.replace(replaced, by);
  const shown = formatProblems(compileText(text).problems, { file: 'team.yaml', text });
  return shown.split('\n\n').map((problem) => {
    const [message = '', line = '', caret = '', hint = ''] = problem.split('\n');
    const marked = line.slice(caret.indexOf('^')).trim();
    return `${message.replace(/^\S+ (.*) \[[a-z-]+\]$/, '$1')} | ${marked} | ${hint.trim()}`;
  });
}

const QUOTES = 'put the whole text in double quotes, or write it below `prompt: |`, indented';
const COLUMN = 'hint: begin all entries of a list, and all fields of an object, in the same column';
const MATE = '    - name: "email-drafter"';

test.each([
  [
    'an entry that begins too far to the left',
    MATE,
    MATE.slice(1),
    `the indentation does not match the lines above | - name: "email-drafter" | ${COLUMN}`,
  ],
  [
    'a field that begins too far to the left',
    '    budgetLimit: "15.00"',
    '   budgetLimit: "15.00"',
    `the indentation does not match the lines above | budgetLimit: "15.00" | ${COLUMN}`,
  ],
  [
    'a tab',
    MATE,
    MATE.replace('    ', '\t'),
    'a tab cannot indent a line | ·- name: "email-drafter" | hint: indent with spaces',
  ],
  [
    'no space after a colon',
    '  name: q3-report',
    '  name:q3-report\n  labels: {}',
    'this line has no field name | name:q3-report | hint: write `name: value`, with a space after the colon',
  ],
  [
    'a text with a colon',
    'model: "opus"',
    'model: opus: the best',
    `the value of this field contains another field | opus: the best | hint: ${QUOTES}; if the other field is on the next line, indent it like this one`,
  ],
  [
    'a text that begins with a backquote',
    'model: "opus"',
    'model: `opus`',
    `a text that begins with this character needs quotes | \`opus\` | hint: ${QUOTES}`,
  ],
  [
    'a text that begins with an asterisk',
    'model: "opus"',
    'model: *opus',
    `\`*opus\` refers to an anchor that does not exist above | *opus | hint: if it is a text, ${QUOTES}`,
  ],
  [
    'more text after the quotes',
    'model: "opus"',
    'model: "opus" and more',
    `the value is followed by more text | and more | hint: ${QUOTES}`,
  ],
  [
    'a text that is not closed',
    'dependsOn: ["researcher"]',
    'dependsOn: ["researcher]',
    'the closing " of a text is missing |  | hint: find where the text begins above',
  ],
  [
    'a list that is not closed',
    'dependsOn: ["researcher"]',
    'dependsOn: ["researcher"',
    'a closing `]` is missing | prompt: "Draft follow-up emails for all Q3 prospects." | hint: add it before this place',
  ],
  [
    'one name instead of a list',
    'dependsOn: ["researcher"]',
    'dependsOn: researcher',
    'spec.teammates[1].dependsOn: `dependsOn` must be a list, not a string | dependsOn: researcher | hint: write it as a list: [researcher]',
  ],
  [
    'a dependency on the lead',
    'dependsOn: ["researcher"]',
    'dependsOn: [lead]',
    'spec.teammates[1].dependsOn[0]: no teammate can depend on the lead, which ends last | lead] | hint: remove it: the lead hands out the work from the start',
  ],
  [
    'an event instead of a gate',
    'approvalGates:',
    'approvalGates:\n      - deliver',
    'spec.lifecycle.approvalGates[0]: `approvalGates[0]` must be an object, not a string | deliver | hint: write it with its field: { event: deliver }',
  ],
  [
    'a list without entries',
    'dependsOn: ["researcher"]',
    'dependsOn:',
    'spec.teammates[1].dependsOn: `dependsOn` must be a list, not null | dependsOn: | hint: begin each entry with a hyphen',
  ],
  [
    'an integer in quotes',
    'timeout: "3h"',
    'maxRestarts: "3"',
    'spec.lifecycle.maxRestarts: `maxRestarts` must be an integer, not a string | maxRestarts: "3" | hint: write it without quotes: 3',
  ],
  [
    'fields that are not indented',
    'timeout: "3h"',
    'questions:',
    'spec.lifecycle.questions: `questions` must be an object, not null | questions: | hint: write its fields below it, indented; {} for none',
  ],
  [
    'a number of seconds',
    'timeout: "3h"',
    'timeout: 7200',
    'spec.lifecycle.timeout: `timeout` must be a string, not a number | timeout: 7200 | hint: add a unit: "7200s", "7200m"',
  ],
  [
    'a number as a name',
    'name: q3-report',
    'name: 12',
    'metadata.name: `12` is not a valid name for a team | name: 12 | hint: put it in quotes: "12"',
  ],
  [
    'a number that is not written as the shortest',
    'model: "opus"',
    'model: 1.10',
    'spec.lead.model: `model` must be a string, not a number | model: 1.10 | hint: put it in quotes: "1.10"',
  ],
  [
    'a number as a name that is not written as the shortest',
    'name: q3-report',
    'name: 007',
    'metadata.name: `007` is not a valid name for a team | name: 007 | hint: put it in quotes: "007"',
  ],
  [
    'a text that becomes a comment',
    'model: "opus"',
    'model: #opus',
    'spec.lead.model: `model` must be a string, not null | model: #opus | hint: enter a text; put it in quotes if it begins with #',
  ],
  [
    'another case in the kind',
    'kind: AgentTeam',
    'kind: Agentteam',
    'kind: there is no kind `Agentteam` | kind: Agentteam | hint: write kind: AgentTeam; `agentteam init` creates a team file to start from',
  ],
])('%s is one problem that says how to correct it', (_, replaced, by, expected) => {
  expect(read(replaced, by)).toEqual([expected]);
});
