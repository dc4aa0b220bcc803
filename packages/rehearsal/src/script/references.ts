/** `${…}` in a script stands for something that the agent saw; `$${` is a literal `${`. */
const REFERENCE = /\$\$\{|\$\{([^{}\n]*)\}/g;

/** What may stand before the first dot of a reference. */
export const REFERENCE_KINDS = ['last', 'result', 'task', 'mail', 'report', 'paths'] as const;
export type ReferenceKind = (typeof REFERENCE_KINDS)[number];

export interface Reference {
  readonly kind: ReferenceKind;
  /** What follows the first dot; empty for `${last}`. */
  readonly name: string;
}

/** @returns `undefined` for a text that is no reference of ours. */
export function readReference(text: string): Reference | undefined {
  const [, kind, name = ''] = /^([a-z]+)(?:\.(.+))?$/.exec(text) ?? [];
  const known = REFERENCE_KINDS.find((candidate) => candidate === kind);
  if (known === undefined || (known === 'last') !== (name === '')) return undefined;
  return { kind: known, name };
}

/** A reference as it is written in a script. */
export function reference(text: string): string {
  return `\${${text}}`;
}

/** Puts values in the places of references. @param plain changes the text around them. */
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

/** All references in a text, as written between the braces. */
export function referencesIn(text: string): readonly string[] {
  return [...text.matchAll(REFERENCE)].flatMap(([, inner]) => inner ?? []);
}

/** A pattern for any text that a template could have become. */
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
