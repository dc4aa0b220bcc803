import { type Document, type LineCounter, visit, type YAMLParseError } from 'yaml';
import type { Problem } from '../problem.ts';

type Explanation = Pick<Problem, 'message' | 'hint'>;

const SAME_COLUMN: Explanation = {
  message: 'the indentation does not match the lines above',
  hint: 'begin all entries of a list, and all fields of an object, in the same column',
};
const NO_FIELD: Explanation = {
  message: 'this line has no field name',
  hint: 'write `name: value`, with a space after the colon',
};
const QUOTES = 'put the whole text in double quotes, or write it below `prompt: |`, indented';

/** What the parser's messages mean to the author of a file. `$1` is the first group of the pattern. */
const EXPLANATIONS: readonly (readonly [RegExp, Explanation])[] = [
  [/^Tabs are/, { message: 'a tab cannot indent a line', hint: 'indent with spaces' }],
  [/must start at the same column|^Sequence item without|^A block \w+ may not/, SAME_COLUMN],
  [
    /^Nested mappings are/,
    {
      message: 'the value of this field contains another field',
      hint: `${QUOTES}; if the other field is on the next line, indent it like this one`,
    },
  ],
  [/^Implicit (?:map )?keys need/, NO_FIELD],
  [
    /^Plain value cannot start/,
    { message: 'a text that begins with this character needs quotes', hint: QUOTES },
  ],
  [/^Unexpected scalar at/, { message: 'the value is followed by more text', hint: QUOTES }],
  [
    /^Missing closing (["'])/,
    { message: 'the closing $1 of a text is missing', hint: 'find where the text begins above' },
  ],
  [/ end with a (.)$/, { message: 'a closing `$1` is missing', hint: 'add it before this place' }],
  [
    /^Map keys must be unique/,
    { message: 'an object has this field twice', hint: 'remove one of them' },
  ],
  [
    /stack overflow|call stack/i,
    {
      message: 'brackets or fields are nested too deeply',
      hint: 'a team needs about ten levels; look for unclosed brackets',
    },
  ],
];

/** Errors after which the parser misunderstands the rest of the document. */
const MISLEADING: ReadonlySet<string> = new Set([
  'BAD_INDENT',
  'BLOCK_AS_IMPLICIT_KEY',
  'MISSING_CHAR',
  'MULTILINE_IMPLICIT_KEY',
  'RESOURCE_EXHAUSTION',
  'TAB_AS_INDENT',
]);

/** The parser's errors as problems, without those that follow from an earlier one. */
export function syntaxProblems(
  document: Document,
  lines: LineCounter,
  text: string,
): readonly Problem[] {
  const first = document.errors.findIndex(({ code }) => MISLEADING.has(code));
  const errors = first < 0 ? document.errors : document.errors.slice(0, first + 1);
  if (errors.length === 0) return unresolvedAliases(document, lines);
  return errors.map((error) => ({
    code: error.code === 'DUPLICATE_KEY' ? 'duplicate-key' : 'yaml-syntax',
    path: [],
    ...explain(error.message.split('\n')[0] ?? error.message),
    ...position(offsetOf(error, text), lines),
  }));
}

function explain(message: string): Explanation {
  for (const [pattern, explanation] of EXPLANATIONS) {
    const found = pattern.exec(message);
    if (found === null) continue;
    return { ...explanation, message: explanation.message.replace('$1', found[1] ?? '') };
  }
  return { message: `the YAML is not valid: ${message}` };
}

/** The parser reports a wrong indentation at the start of the line, or at the end of the line before. */
function offsetOf({ code, message, pos: [start] }: YAMLParseError, text: string): number {
  if (!MISLEADING.has(code) || /^(?:Tabs|Missing closing)/.test(message)) return start;
  const blank = /^[ \r\n]*/.exec(text.slice(start))?.[0].length ?? 0;
  return start + blank < text.length ? start + blank : start;
}

/** Aliases that name no anchor before them: usually a text that begins with an asterisk. */
function unresolvedAliases(document: Document, lines: LineCounter): readonly Problem[] {
  const anchors = new Set<string>();
  const problems: Problem[] = [];
  visit(document, {
    Node: (_, node) => {
      if ('anchor' in node && node.anchor !== undefined) anchors.add(node.anchor);
    },
    Alias: (_, { source, range }) => {
      if (anchors.has(source)) return;
      problems.push({
        code: 'yaml-syntax',
        path: [],
        message: `\`*${source}\` refers to an anchor that does not exist above`,
        hint: `if it is a text, ${QUOTES}`,
        ...position(range?.[0] ?? 0, lines),
      });
    },
  });
  return problems;
}

function position(offset: number, lines: LineCounter): Pick<Problem, 'line' | 'column'> {
  const { line, col } = lines.linePos(offset);
  return { line, column: col };
}
