import { linksApart, referencesApart } from './apart.ts';
import { cut, fold, oneLine } from './lines.ts';
import { quoted, quotedCode } from './quote.ts';
import { visible } from './visible.ts';

/** Where words of agents, of prompts and of a repository's programs are shown. */
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
  | 'argo';

/** What may pass to a destination. Hidden characters pass nowhere. */
interface Rule {
  /** `one`: every line end and run of white space becomes a space. */
  readonly lines: 'one' | 'many';
  /** What is kept: references are mentions, issues and the like, and imply links. */
  readonly keeps: 'everything' | 'references' | 'nothing';
  /** Length that is kept, where the caller gives none. */
  readonly most: number;
  /** Longest line. */
  readonly width?: number;
  /** Puts the text into the destination's own grammar. */
  readonly write?: (text: string) => string;
}

/**
 * The policy: one line for each destination.
 *
 * - `terminal`, `log`: they act on control characters alone.
 * - `kubernetes`: messages of statuses, Events and terminated containers, which kubectl prints.
 * - `pull-request`: Markdown of GitHub (https://github.github.com/gfm/) and of GitLab
 *   (https://docs.gitlab.com/user/markdown/). Nothing of it is rendered: it is a quoted code block.
 * - `pull-request-title`: the words of the team's author, who may refer to an issue there. GitHub and
 *   GitLab take 255 characters.
 * - `slack`: for a `plain_text` object (https://docs.slack.dev/reference/block-kit/composition-objects/text-object),
 *   which has no grammar; its section takes 3000 characters.
 * - `slack-line`: a part of a line of ours in `mrkdwn`
 *   (https://docs.slack.dev/messaging/formatting-message-text): names, amounts, commands.
 * - `mail`: the body of RFC 5322 in plain text, quoted; readers make links of addresses.
 * - `mail-line`: a part of a line of ours in the body.
 * - `mail-subject`: a header; an encoded word (RFC 2047) would be shown decoded.
 * - `argo`: the annotations `workflows.argoproj.io/title` and `description`, which Argo's UI renders as
 *   Markdown (https://argo-workflows.readthedocs.io/en/latest/title-and-description/), and Argo
 *   substitutes `{{…}}` in.
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
    write: (text) =>
      text
        // Not escaped: within a code span a backslash is a backslash.
        .replaceAll('`', "'")
        .replace(/[\\*_[\]<>|~#!&]/g, '\\$&')
        .replace(/\{(?=\{)/g, '{ ')
        .replace(/\}(?=\})/g, '} '),
  },
};

/**
 * What of a text may pass to a destination, in that destination's grammar.
 * @param most length that is kept of it, instead of the destination's own.
 */
export function textFor(destination: Destination, text: string, most?: number): string {
  const rule = RULES[destination];
  const seen = visible(text);
  const lines = rule.lines === 'one' ? oneLine(seen) : seen;
  const inert = { everything: same, references: linksApart, nothing: referencesApart }[rule.keeps];
  const fits = cut(inert(lines), most ?? rule.most);
  const narrow = rule.width === undefined ? fits : fold(fits, rule.width);
  return (rule.write ?? same)(narrow);
}

/** A value as JSON whose hidden characters are escapes: to a program that reads JSON, the same value. */
export function jsonText(value: unknown, indent = 0): string {
  return escaped(
    JSON.stringify(value, null, indent),
    /(?!\n)[\p{Cc}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}]/gu,
  );
}

/**
 * A value as JSON for a program that reads it as YAML, as the API server reads what is applied. YAML refuses
 * control characters that JSON takes, folds lines at U+2028, and knows no pair of escapes for one character.
 * Half a surrogate pair, which no text in UTF-8 can hold, becomes U+FFFD.
 */
export function jsonForYaml(value: unknown): string {
  const json = JSON.stringify(value, (_key, item: unknown) =>
    typeof item === 'string' ? item.toWellFormed() : item,
  );
  return escaped(json, /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/gu);
}

function escaped(json: string, hidden: RegExp): string {
  return json.replace(hidden, (found) =>
    [...Array(found.length).keys()]
      .map((index) => `\\u${found.charCodeAt(index).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}

function same(text: string): string {
  return text;
}
