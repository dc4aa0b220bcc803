import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parse } from 'yaml';
import { toYaml } from '../src/index.ts';
import { hostileText } from './arbitrary-team.ts';

/** Texts that some version of YAML does not read as text. */
const lookalike = fc.constantFrom(
  ...[
    '',
    'y',
    'No',
    'ON',
    'off',
    'True',
    'null',
    '~',
    '1',
    '-1',
    '+.5',
    '1e3',
    'e0',
    'E+7',
    '0o17',
    '017',
    '0x1f',
  ],
  ...[
    '1_000',
    '190:20:30',
    '2001-12-14',
    '.inf',
    '.NaN',
    '<<',
    '=',
    '!x',
    '&a',
    '*a',
    '%y',
    '@a',
    '`a',
  ],
  ...[
    '- a',
    '? a',
    ': a',
    'a:',
    'a: b',
    'a #b',
    '#a',
    '---',
    '...',
    '[a]',
    '{a}',
    ' a',
    'a ',
    'a\tb',
  ],
  ...[
    '|',
    '>',
    'a\nb',
    'a\n',
    'a\n\n',
    '\na',
    'a\n b',
    ' a\nb',
    'a \nb',
    'a\n\n\nb',
    'a\n---\nb',
    'a\r\nb',
  ],
  ...[
    "it's",
    "'",
    '"',
    `"don't"`,
    '\\n',
    'a\\b',
    '\u0085',
    '\u2028',
    '\ufeff',
    'é',
    '🙂',
    'a\u0007b',
  ],
);
const text = fc.oneof(lookalike, hostileText, fc.string({ unit: 'grapheme-ascii' }));
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    text,
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.oneof(lookalike, fc.string({ unit: 'grapheme-ascii' })), tie('value'), {
      maxKeys: 4,
    }),
  ),
}));

const written = (object: object): string => toYaml(object as never);

describe('the written YAML is read back', () => {
  test.each(['1.1', '1.2'] as const)('by YAML %s', (version) => {
    fc.assert(
      fc.property(value, (content) => {
        // An unpaired surrogate cannot be encoded.
        const object = JSON.parse(JSON.stringify({ content }).replaceAll(/\\ud[89a-f]../g, '?'));
        expect(parse(written(object), { version })).toEqual(object);
      }),
      { numRuns: 3000 },
    );
  });
});

test.each([
  ['a word', 'no', 'a: "no"\n'],
  ['a number', '017', 'a: "017"\n'],
  ['a sentence', 'Write it down, all of it.', 'a: Write it down, all of it.\n'],
  ['JSON, without escapes', `{"p":"don't\\n"}`, `a: '{"p":"don''t\\n"}'\n`],
  ['lines', '- one\n- two', 'a: |-\n  - one\n  - two\n'],
  ['lines that end', 'one\n\n  two\n', 'a: |\n  one\n\n    two\n'],
  ['lines whose ends would not be seen', 'one \ntwo', 'a: "one \\ntwo"\n'],
  ['nothing', {}, 'a: {}\n'],
  ['nothing that is there', { b: undefined }, 'a: {}\n'],
  ['lists of nothing', [[], undefined], 'a:\n  - []\n  - null\n'],
  ['a list of objects', [{ b: 1, c: [true] }, 'd'], 'a:\n  - b: 1\n    c:\n      - true\n  - d\n'],
])('%s', (_what, a, yaml) => {
  expect(written({ a })).toBe(yaml);
});
