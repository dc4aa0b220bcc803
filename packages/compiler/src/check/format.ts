import { type Problem, pathText } from '../problem.ts';

/** Longest part of a line that is shown, in characters. */
const WIDTH = 120;

/**
 * Formats problems for people: `file:line:column`, the message and code, the line with a caret, and the hint.
 * @param source `text` is the file's content; without it, lines and carets are left out.
 */
export function formatProblems(
  problems: readonly Problem[],
  source: { readonly file: string; readonly text?: string },
): string {
  const lines = source.text?.split('\n') ?? [];
  return [...problems]
    .sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0))
    .map((problem) => formatProblem(problem, source.file, lines))
    .join('\n\n');
}

/** Formats warnings as {@link formatProblems} does. */
export function formatWarnings(
  warnings: readonly Problem[],
  source: { readonly file: string; readonly text?: string },
): string {
  return formatProblems(
    warnings.map((warning) => ({ ...warning, message: `warning: ${warning.message}` })),
    source,
  );
}

function formatProblem(problem: Problem, file: string, lines: readonly string[]): string {
  const { line, column = 1, code, message, hint } = problem;
  const place = line === undefined ? file : `${file}:${line}:${column}`;
  const where = problem.path.length === 0 ? '' : `${pathText(problem.path)}: `;
  const shown = [`${place}: ${printable(`${where}${message}`)} [${code}]`];
  const text = line === undefined ? undefined : lines[line - 1];
  if (text !== undefined) {
    // Tabs and control characters are shown as one column each, so that the caret stays in place.
    const start = Math.max(0, column - 1 - WIDTH / 2);
    const gutter = `  ${line} | `;
    shown.push(
      `${gutter}${printable(text.slice(start, start + WIDTH))}`,
      `${' '.repeat(gutter.length + column - 1 - start)}^`,
    );
  }
  if (hint !== undefined) shown.push(`  hint: ${printable(hint)}`);
  return shown.join('\n');
}

/** Replaces control characters, because the file's text is untrusted and the output is a terminal. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '·');
}
