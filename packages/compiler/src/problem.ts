/**
 * Something wrong with a team. Problems are values: every phase returns all that it found, and
 * whoever called decides what to do. Codes are stable and listed in docs/error-codes.md.
 */
export interface Problem {
  /** Stable and in kebab-case: `unknown-teammate`. */
  readonly code: string;
  /** Where, as keys and indices from the root of the object: `['spec', 'teammates', 1]`. */
  readonly path: readonly (string | number)[];
  /** One sentence without a full stop. */
  readonly message: string;
  /** The way out. */
  readonly hint?: string;
  /** Where in the text it was read from, counted from 1. */
  readonly line?: number;
  readonly column?: number;
}

/** `spec.teammates[1].name` */
export function pathText(path: Problem['path']): string {
  return path
    .map((part) =>
      typeof part === 'number' ? `[${part}]` : /^[\w-]+$/.test(part) ? `.${part}` : `["${part}"]`,
    )
    .join('')
    .replace(/^\./, '');
}
