/** `${…}` refers to something that the agent has seen; `$${` is a literal `${`. */
const REFERENCE = /\$\$\{|\$\{([^{}\n]*)\}/g;

/** The part of a reference before its first dot. */
export const REFERENCE_KINDS = ['last', 'result', 'task', 'mail', 'report', 'paths'] as const;
export type ReferenceKind = (typeof REFERENCE_KINDS)[number];

export interface Reference {
  readonly kind: ReferenceKind;
  /** The part after the first dot; empty for `${last}`. */
  readonly name: string;
}

/** @returns undefined for a text that is not a reference. */
export function readReference(text: string): Reference | undefined {
  const [, kind, name = ''] = /^([a-z]+)(?:\.(.+))?$/.exec(text) ?? [];
  const known = REFERENCE_KINDS.find((candidate) => candidate === kind);
  if (known === undefined || (known === 'last') !== (name === '')) return undefined;
  return { kind: known, name };
}

/** Formats a reference as it is written in a script. */
export function reference(text: string): string {
  return `\${${text}}`;
}

/** Replaces references by their values. @param plain transforms the text around them. */
export function substitute(
  text: string,
  value: (reference: string) => string,
  plain: (text: string) => string = (same) => same,
): string {
  let result = '';
  let from = 0;
  for (const match of text.matchAll(REFERENCE)) {
    result += plain(text.slice(from, match.index));
    result += match[1] === undefined ? '${' : value(match[1]);
    from = match.index + match[0].length;
  }
  return result + plain(text.slice(from));
}

/** All references in a text, without the braces. */
export function referencesIn(text: string): readonly string[] {
  return [...text.matchAll(REFERENCE)].flatMap(([, inner]) => inner ?? []);
}

/** A pattern that matches every text into which a template can be rendered. */
export function patternOf(template: string): RegExp {
  const gap = '\u0000';
  const escaped = substitute(
    template,
    () => gap,
    (text) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'),
  );
  return new RegExp(
    `^\\s*${escaped.trim().replaceAll('${', '\\$\\{').replaceAll(gap, '[^]*')}\\s*$`,
  );
}
