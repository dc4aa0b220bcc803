/**
 * Something wrong with a team. Problems are values: every stage returns all that it found, and the caller
 * decides what to do. Codes are stable and listed in docs/error-codes.md.
 */
export interface Problem {
  /** Stable, in kebab-case: `unknown-teammate`. */
  readonly code: string;
  /** Keys and indices from the root of the object: `['spec', 'teammates', 1]`. */
  readonly path: readonly (string | number)[];
  /** One sentence without a full stop. */
  readonly message: string;
  /** What the user can do about it. */
  readonly hint?: string;
  /** Position in the text that the object was read from, counted from 1. */
  readonly line?: number;
  readonly column?: number;
}

/** Formats a path: `spec.teammates[1].name`. */
export function pathText(path: Problem['path']): string {
  return path
    .map((part) =>
      typeof part === 'number' ? `[${part}]` : /^[\w-]+$/.test(part) ? `.${part}` : `["${part}"]`,
    )
    .join('')
    .replace(/^\./, '');
}
