/** Checks for values from outside, which may be anything. */

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

// Control characters except line feed and tab, separators, and marks that change the direction of text.
const CONTROLS = /(?![\n\t])[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

/**
 * Removes control characters and shortens the text to `longest` characters. The result is well-formed
 * Unicode: the API server replaces half a surrogate pair, so the stored text would never equal the
 * written one.
 */
export function plainText(text: string, longest: number): string {
  const short = text.length <= longest ? text : `${text.slice(0, longest - 1)}…`;
  return short.toWellFormed().replace(CONTROLS, '');
}
