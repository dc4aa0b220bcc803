import { referencesApart } from './apart.ts';
import { cut, fold, oneLine } from './lines.ts';
import { visible } from './visible.ts';

const MOST_CHARACTERS = 20_000;
const WIDTH = 1000;
const MOST_OF_SUBJECT = 200;

/**
 * Lines that are cleaned by a backslash in front, as Markdown has it: comments of git and headings
 * (`#`), quick actions and commands of bots (`/merge`), and what ends a message for those who read it
 * as a mail or a patch: `---`, `diff -`, `Index:` (https://git-scm.com/docs/git-am#_discussion). A line
 * of `=` or `-` makes a heading of the line before it.
 */
const ESCAPED = /^\s*(?=[#/]|---|diff -|Index: |[-=]+\s*$)/;

/** Begins a mail in a file of several (mbox, RFC 4155). */
const MAIL = /^(?=From )/;

/** A line as git reads it in a block of trailers (https://git-scm.com/docs/git-interpret-trailers). */
const TRAILER = /^[A-Za-z0-9-]+[ \t]*:/;

/**
 * Lines that somebody takes for a trailer wherever they stand: who signed, reviewed or wrote, which
 * change it is, who gets a copy, what a release or a build does.
 */
const CLAIM =
  /^\s*(?:[A-Za-z0-9]+-[A-Za-z0-9-]+|agent|cc|bcc|to|from|subject|date|fixes|closes|resolves)[ \t]*:|^\s*\(cherry picked from commit/i;

/** In a subject, where `pre-commit: …` is a topic. */
const CLAIM_IN_SUBJECT =
  /^\s*(?:[A-Za-z0-9-]+-by|change-id|agent-team|agent|skip-checks|release-as)[ \t]*:/i;

/**
 * The message of a commit.
 * @param subject one line, from anybody.
 * @param body from anybody; empty: none.
 * @param trailers lines of ours. They stand last, and are all that git reads as trailers.
 */
export function commitMessageOf(
  subject: string,
  body: string,
  trailers: readonly string[],
): string {
  const text = [cut(oneLine(visible(subject)), MOST_OF_SUBJECT), body.trim()].filter(Boolean);
  return `${withTrailers(cleaned(text.join('\n\n')), trailers)}\n`;
}

/**
 * An agent's own commit message, without what anybody would act on: mentions, references, quick
 * actions, words that skip a build, and trailers other than its own. What is cleaned stays readable:
 * it is taken apart, escaped by a backslash, or quoted.
 * @param trailers lines that are true of the commit: in its last paragraph they may stand.
 * @returns the very message where nothing in it has to change.
 */
export function cleanCommitMessage(message: string, trailers: readonly string[]): string {
  const own = withoutTrailers(message, trailers);
  const clean = cleaned(own);
  if (clean === own) return message;
  // What stands first is at the beginning of a line only now.
  return `${withTrailers(cleaned(clean.trim()) || '(no message)', trailers)}\n`;
}

function cleaned(text: string): string {
  const apart = referencesApart(visible(text));
  const lines = fold(cut(apart, MOST_CHARACTERS), WIDTH).split('\n');
  const claims = claimed(lines);
  return lines.map((line, index) => cleanedLine(line, claims.has(index))).join('\n');
}

function cleanedLine(line: string, isClaim: boolean): string {
  if (isClaim) return `> ${line.trimStart()}`;
  return line.replace(ESCAPED, '$&\\').replace(MAIL, '>');
}

/** Lines that would be read as trailers. The last paragraph is a block of them if every line is one. */
function claimed(lines: readonly string[]): ReadonlySet<number> {
  const first = lines.findIndex((line) => line.trim() !== '');
  const last = lines.findLastIndex((line) => line.trim() !== '');
  const before = lines.findLastIndex((line, index) => index < last && line.trim() === '');
  const block = lines.slice(before + 1, last + 1);
  const isBlock = before > first && block.every((line) => TRAILER.test(line) || /^\s/.test(line));
  const indices = lines.flatMap((line, index) => {
    const rule = index === first ? CLAIM_IN_SUBJECT : CLAIM;
    const inBlock = isBlock && index > before && TRAILER.test(line);
    return rule.test(line) || inBlock ? index : [];
  });
  return new Set(indices);
}

/** The message without those lines of its last paragraph that are trailers of ours. */
function withoutTrailers(message: string, trailers: readonly string[]): string {
  const lines = message.trimEnd().split('\n');
  const before = lines.findLastIndex((line) => line.trim() === '');
  if (before === -1) return message;
  const kept = lines.filter((line, index) => index < before || !trailers.includes(line));
  return kept.length === lines.length ? message : kept.join('\n').trimEnd();
}

function withTrailers(text: string, trailers: readonly string[]): string {
  return [text, trailers.join('\n')].filter((part) => part !== '').join('\n\n');
}
