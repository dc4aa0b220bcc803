import { breakLinks, breakReferences } from './apart.ts';
import { cut, fold, oneLine } from './lines.ts';
import { quoted, quotedCode } from './quote.ts';
import { visible } from './visible.ts';

/** Where untrusted texts are shown: texts of agents, of prompts and of a repository's programs. */
export type Destination =
  | 'terminal'
  | 'log'
  | 'kubernetes'
  | 'pull-request'
  | 'pull-request-title'
  | 'slack'
  | 'slack-line'
  | 'mail'
  | 'mail-line'
  | 'mail-subject'
  | 'argo'
  | 'markdown'
  | 'markdown-line';

/** What a text may contain at a destination. Hidden characters are allowed nowhere. */
interface Rule {
  /** `one`: line ends and runs of white space become a space. */
  readonly lines: 'one' | 'many';
  /** What is not broken up. References are mentions, issues and the like. */
  readonly keeps: 'everything' | 'references' | 'nothing';
  /** Longest text, unless the caller gives another length. */
  readonly most: number;
  /** Longest line. */
  readonly width?: number;
  /** Writes the text in the destination's own grammar. */
  readonly write?: (text: string) => string;
}

/**
 * The policy: one line for each destination.
 *
 * - `terminal`, `log`: only control characters have an effect.
 * - `kubernetes`: messages of statuses, Events and terminated containers. kubectl prints them.
 * - `pull-request`: Markdown of GitHub (https://github.github.com/gfm/) and of GitLab
 *   (https://docs.gitlab.com/user/markdown/). The text is a quoted code block, so nothing in it is rendered.
 * - `pull-request-title`: written by the team's author, who may refer to an issue. GitHub and GitLab accept
 *   255 characters.
 * - `slack`: for a `plain_text` object (https://docs.slack.dev/reference/block-kit/composition-objects/text-object),
 *   which has no markup. Its section accepts 3000 characters.
 * - `slack-line`: a part of one of our own lines in `mrkdwn`
 *   (https://docs.slack.dev/messaging/formatting-message-text): names, amounts, commands.
 * - `mail`: the body of a mail (RFC 5322) in plain text, quoted. Mail clients turn addresses into links.
 * - `mail-line`: a part of one of our own lines in the body.
 * - `mail-subject`: a header. Mail clients decode encoded words (RFC 2047) in it.
 * - `argo`: the annotations `workflows.argoproj.io/title` and `description`, which Argo's UI renders as
 *   Markdown (https://argo-workflows.readthedocs.io/en/latest/title-and-description/). Argo also
 *   substitutes `{{…}}` in them.
 * - `markdown`: a report as Markdown, which any program may render. The text is a quoted code block.
 * - `markdown-line`: a part of one of our own lines or of a cell of a table in it.
 */
const RULES: Readonly<Record<Destination, Rule>> = {
  terminal: { lines: 'many', keeps: 'everything', most: Number.POSITIVE_INFINITY },
  log: { lines: 'many', keeps: 'everything', most: Number.POSITIVE_INFINITY },
  kubernetes: { lines: 'many', keeps: 'everything', most: 32_768 },
  'pull-request': {
    lines: 'many',
    keeps: 'nothing',
    most: 4000,
    width: 100,
    write: (text) => quotedCode(text),
  },
  'pull-request-title': { lines: 'one', keeps: 'everything', most: 255 },
  slack: { lines: 'many', keeps: 'nothing', most: 600, write: (text) => cut(quoted(text), 3000) },
  'slack-line': {
    lines: 'one',
    keeps: 'everything',
    most: 600,
    write: (text) =>
      text
        .replaceAll('&', '&amp;')
        .replaceAll('<', '&lt;')
        .replaceAll('>', '&gt;')
        .replaceAll('```', "'''"),
  },
  mail: { lines: 'many', keeps: 'references', most: 4000, write: quoted },
  'mail-line': { lines: 'one', keeps: 'everything', most: 2000 },
  'mail-subject': {
    lines: 'one',
    keeps: 'references',
    most: 200,
    write: (text) => text.replaceAll('=?', '= ?'),
  },
  argo: {
    lines: 'one',
    keeps: 'references',
    most: 200,
    write: (text) => text.replace(/[`\\*_[\]<>|~#!&]|\{(?=\{)|\}(?=\})/g, inArgo),
  },
  markdown: {
    lines: 'many',
    keeps: 'everything',
    most: 65_536,
    write: (text) => quotedCode(text),
  },
  'markdown-line': {
    lines: 'one',
    keeps: 'nothing',
    most: 2000,
    write: (text) => text.replaceAll('`', "'").replace(/[\\*_[\]<>|~#!&]/g, '\\$&'),
  },
};

/** How what a rule does not keep is broken up. */
const INERT: Readonly<Record<Rule['keeps'], (text: string) => string>> = {
  everything: same,
  references: breakLinks,
  nothing: breakReferences,
};

/**
 * Prepares an untrusted text for a destination, in that destination's grammar.
 * @param most longest text in characters, instead of the destination's own limit.
 */
export function textFor(destination: Destination, text: string, most?: number): string {
  const rule = RULES[destination];
  const seen = visible(text);
  const lines = rule.lines === 'one' ? oneLine(seen) : seen;
  const fits = cut(INERT[rule.keeps](lines), most ?? rule.most);
  const narrow = rule.width === undefined ? fits : fold(fits, rule.width);
  return (rule.write ?? same)(narrow);
}

/** Writes a value as JSON in which hidden characters are escaped. A parser reads the same value. */
export function jsonText(value: unknown, indent = 0): string {
  return escaped(
    JSON.stringify(value, null, indent),
    /(?!\n)[\p{Cc}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}]/gu,
  );
}

/**
 * Writes a value as JSON for a parser of YAML, such as the API server's for applied objects. YAML refuses
 * control characters that JSON accepts, folds lines at U+2028, and does not combine two escapes into one
 * character. An unpaired surrogate, which UTF-8 cannot encode, becomes U+FFFD.
 */
export function jsonForYaml(value: unknown): string {
  const json = JSON.stringify(value);
  // JSON.stringify escapes unpaired surrogates, in keys too. A function that looks at each value takes twice as long.
  const paired = json.includes('\\ud')
    ? json.replace(/\\(?:ud[89a-f]..|.)/g, (found) => (found.startsWith('\\ud') ? '\ufffd' : found))
    : json;
  return escaped(paired, /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/gu);
}

function escaped(json: string, hidden: RegExp): string {
  return json.replace(hidden, (found) =>
    [...Array(found.length).keys()]
      .map((index) => `\\u${found.charCodeAt(index).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}

/** Backticks are replaced, not escaped, because inside a code span a backslash is literal. */
function inArgo(character: string): string {
  if (character === '`') return "'";
  return character === '{' || character === '}' ? `${character} ` : `\\${character}`;
}

function same(text: string): string {
  return text;
}
