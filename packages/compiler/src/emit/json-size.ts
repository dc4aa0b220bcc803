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
 * An upper bound of the bytes that a value takes as JSON. It costs a twentieth of writing the JSON, and shows for
 * almost every team that it is far below the limit.
 * @param enough long texts are examined until the bound is at most this.
 */
export function bytesAtMost(value: unknown, enough = 0): number {
  const rest: object[] = [];
  const long: string[] = [];
  // Without recursion: most values are in small objects, for which a call each takes most of the time.
  let bytes = partAtMost(value, rest, long);
  for (let object = rest.pop(); object !== undefined; object = rest.pop()) {
    if (Array.isArray(object)) {
      for (const item of object) bytes += partAtMost(item, rest, long);
    } else {
      for (const key in object) {
        bytes += textAtMost(key) + partAtMost(object[key as keyof object], rest, long);
      }
    }
  }
  for (let text = long.pop(); text !== undefined && bytes > enough; text = long.pop()) {
    bytes -= text.length * (MOST_BYTES_ESCAPED - bytesPerUnit(text));
  }
  return bytes;
}

/** An upper bound for a text or a value without parts, and for an object without what is in it. */
function partAtMost(value: unknown, objects: object[], long: string[]): number {
  if (typeof value === 'string') {
    if (value.length >= SHORT) long.push(value);
    return textAtMost(value);
  }
  // The longest number, boolean or null, with a comma.
  if (typeof value !== 'object' || value === null) return 26;
  objects.push(value);
  return 3;
}

function textAtMost(text: string): number {
  return text.length * MOST_BYTES_ESCAPED + 3;
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
