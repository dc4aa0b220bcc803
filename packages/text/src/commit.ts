import { breakReferences } from './apart.ts';
import { cut, fold, oneLine } from './lines.ts';
import { visible } from './visible.ts';

const MOST_CHARACTERS = 20_000;
const WIDTH = 1000;
const MOST_OF_SUBJECT = 200;

/**
 * Lines that get a backslash in front, as in Markdown: git's comments and headings (`#`), quick actions and
 * bots' commands (`/merge`), and lines that end the message when it is read as a mail or a patch: `---`,
 * `diff -`, `Index:` (https://git-scm.com/docs/git-am#_discussion). A line of `=` or `-` would turn the line
 * before it into a heading.
 */
const ESCAPED = /^\s*(?=[#/]|---|diff -|Index: |[-=]+\s*$)/;

/** The start of a mail in an mbox file (RFC 4155). */
const MAIL = /^(?=From )/;

/** A line in a block of trailers, by git's rules (https://git-scm.com/docs/git-interpret-trailers). */
const TRAILER = /^[A-Za-z0-9-]+[ \t]*:/;

/**
 * Lines that some program reads as a trailer anywhere in the message: who signed, reviewed or wrote it, its
 * change id, who gets a copy, what a release or a build does.
 */
const CLAIM =
  /^\s*(?:[A-Za-z0-9]+-[A-Za-z0-9-]+|agent|cc|bcc|to|from|subject|date|fixes|closes|resolves)[ \t]*:|^\s*\(cherry picked from commit/i;

/** The same in a subject, where `pre-commit: …` is a topic and not a trailer. */
const CLAIM_IN_SUBJECT =
  /^\s*(?:[A-Za-z0-9-]+-by|change-id|agent-team|agent|skip-checks|release-as)[ \t]*:/i;

/**
 * Composes a commit message from untrusted texts.
 * @param subject one line, untrusted.
 * @param body untrusted; empty for no body.
 * @param trailers our own lines. They come last, and git reads no other lines as trailers.
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
 * Removes from an agent's commit message everything that a program would act on: mentions, references, quick
 * actions, words that skip a build, and trailers that are not its own. The text stays readable: such parts
 * are broken up, escaped by a backslash, or quoted.
 * @param trailers lines that are true for this commit. They may remain in the last paragraph.
 * @returns the unchanged message if nothing in it has to change.
 */
export function cleanCommitMessage(message: string, trailers: readonly string[]): string {
  const own = withoutTrailers(message, trailers);
  const clean = cleaned(own);
  if (clean === own) return message;
  // After trimming, the text may start a line with something that was indented before.
  return `${withTrailers(cleaned(clean.trim()) || '(no message)', trailers)}\n`;
}

function cleaned(text: string): string {
  const broken = breakReferences(visible(text));
  const lines = fold(cut(broken, MOST_CHARACTERS), WIDTH).split('\n');
  const claims = claimed(lines);
  return lines.map((line, index) => cleanedLine(line, claims.has(index))).join('\n');
}

function cleanedLine(line: string, isClaim: boolean): string {
  if (isClaim) return `> ${line.trimStart()}`;
  return line.replace(ESCAPED, '$&\\').replace(MAIL, '>');
}

/**
 * The indices of lines that would be read as trailers. If every line of the last paragraph is one, it is a block of
 * trailers.
 */
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

/** Removes our own trailers from the last paragraph. */
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
