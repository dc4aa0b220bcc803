import { type Problem, pathText } from '../problem.ts';

/** One line of text around a problem: longer lines are cut, so that a caret still means something. */
const WIDTH = 120;

/**
 * Problems as people read them: `file:line:column`, the line, a caret, the code and the way out.
 * @param text the file that they were found in; without it only their paths are given.
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

/** The same for what keeps nothing from running. */
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
    // Tabs and control characters each become one visible column, so that the caret stays in place.
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

/** A team file is anybody's text: nothing of it may steer the terminal that it is shown on. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '·');
}
