/** Something wrong with a script; of the same shape as the compiler's, so that one printer shows both. */
export interface ScriptProblem {
  /** Stable and in kebab-case: `unknown-reference`. */
  readonly code: string;
  /** Where, as keys and indices from the root: `['agents', 'researcher', 'turns', 1]`. */
  readonly path: readonly (string | number)[];
  /** One sentence without a full stop. */
  readonly message: string;
  /** The way out. */
  readonly hint?: string;
  /** Where in the text, counted from 1. */
  readonly line?: number;
  readonly column?: number;
}

/** `rehearsal.yaml:12:9: there is no field …`, with the hint on a line of its own. */
export function formatScriptProblem(problem: ScriptProblem, file: string): string {
  const { line = 1, column = 1, message, hint } = problem;
  return `${file}:${line}:${column}: ${message}${hint === undefined ? '' : `\n  ${hint}`}`;
}
