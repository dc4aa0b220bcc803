/** The most bytes that one UTF-16 unit of a string takes in UTF-8. */
export const MOST_BYTES_PER_UNIT = 3;
/** The same in JSON, where the unit may be escaped: `\u0000`. */
const MOST_BYTES_ESCAPED = 6;
/** Shorter texts are not examined: they take little space whatever they contain. */
const SHORT = 64;
/** Characters that JSON writes as they are, or with a backslash. */
const PRINTABLE = /^[ -~]*$/;
/** Characters that JSON escapes by number: control characters and unpaired surrogates. */
const ESCAPED = /[\p{Cc}\p{Cs}]/u;

/**
 * An upper bound of the bytes that a value takes as JSON. It costs a tenth of writing the JSON, and shows for
 * almost every team that it is far below the limit.
 */
export function bytesAtMost(value: unknown): number {
  if (typeof value === 'string') return textAtMost(value);
  // The longest number, boolean or null, with a comma.
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
  return text.length * (text.length < SHORT ? MOST_BYTES_ESCAPED : bytesPerUnit(text)) + 3;
}

function bytesPerUnit(text: string): number {
  if (PRINTABLE.test(text)) return 2;
  return ESCAPED.test(text) ? MOST_BYTES_ESCAPED : MOST_BYTES_PER_UNIT;
}

const NOT_ASCII = /[\u0080-\uffff]/;

/** Bytes of a text in UTF-8. An unpaired surrogate counts as its replacement character: three bytes. */
export function utf8Length(text: string): number {
  if (!NOT_ASCII.test(text)) return text.length;
  let bytes = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}
