/** Bytes that one unit of a string takes at most, in UTF-8. */
export const WIDEST = 3;
/** The same where it is written as JSON: `\u0000`. */
const WIDEST_ESCAPE = 6;
/** Units of a text that is not worth a look: it takes little, whatever is in it. */
const SHORT = 64;
/** Written as it is, or with a backslash. */
const PRINTABLE = /^[ -~]*$/;
/** What JSON escapes by its number: control characters and halves of pairs. */
const ESCAPED = /[\p{Cc}\p{Cs}]/u;

/**
 * Bytes that a value takes as JSON, or more. Few teams are near the limit, and every team is compiled:
 * a walk tells them apart at a tenth of what writing it all would take.
 */
export function bytesAtMost(value: unknown): number {
  if (typeof value === 'string') return textAtMost(value);
  // The longest number, `null` or boolean, and a comma.
  if (typeof value !== 'object' || value === null) return 26;
  let bytes = 3;
  if (Array.isArray(value)) {
    for (const item of value) bytes += bytesAtMost(item);
  } else {
    for (const key in value) bytes += textAtMost(key) + bytesAtMost(value[key as keyof object]);
  }
  return bytes;
}

function textAtMost(text: string): number {
  return text.length * (text.length < SHORT ? WIDEST_ESCAPE : unitAtMost(text)) + 3;
}

function unitAtMost(text: string): number {
  if (PRINTABLE.test(text)) return 2;
  return ESCAPED.test(text) ? WIDEST_ESCAPE : WIDEST;
}

const NOT_ASCII = /[\u0080-\uffff]/;

/** Bytes of a text in UTF-8; half of a pair counts as what stands for it, three. */
export function utf8Length(text: string): number {
  if (!NOT_ASCII.test(text)) return text.length;
  let bytes = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}
