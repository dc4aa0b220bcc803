/**
 * Escape sequences of terminals (ECMA-48 and xterm,
 * https://invisible-island.net/xterm/ctlseqs/ctlseqs.html): colours, cursor movements, and strings
 * that set a title, a link or the clipboard.
 */
const ESCAPE_SEQUENCE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for.
  /\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\x07\x1b\x9c\n\r]*(?:\x07|\x1b\\|\x9c)|[ -/]+[0-~]|[0-Z\\`-~])/g;

/** Everything that some reader of plain text takes for the end of a line. */
const LINE_END = /\r\n?|[\v\f\u0085\u2028\u2029]/g;

/** A letter of a script in which joiners tell words apart. */
const JOINED = '(?![\\p{Script=Latin}\\p{Script=Greek}\\p{Script=Cyrillic}])[\\p{L}\\p{M}]';
const PICTURE = '\\p{Extended_Pictographic}';

/**
 * Invisible characters that belong to what people write: joiners within emoji and within words of
 * scripts other than Latin, Greek and Cyrillic, and the choice between emoji and text.
 */
const MEANT = [
  `(?<=${PICTURE}|\\p{Emoji_Modifier}|\\uFE0F)\\u200D(?=${PICTURE})`,
  `(?<=${PICTURE})(?:\\uFE0E|\\uFE0F)`,
  '(?<=[#*0-9])\\uFE0F(?=\\u20E3)',
  `(?<=${JOINED})(?:\\u200C|\\u200D)(?=${JOINED})`,
].join('|');

/**
 * Control characters but tab and line feed, halves of surrogate pairs, characters that reorder a
 * line (https://trojansource.codes), and those that are drawn as nothing: zero-width characters,
 * tags (U+E0000) and variation selectors, which can carry a hidden text.
 */
const HIDDEN =
  /(?![\t\n])[\p{Cc}\p{Cs}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\uFFF9-\uFFFB]/u;

const MEANT_OR_HIDDEN = new RegExp(`(${MEANT})|(?:${HIDDEN.source})+`, 'gu');

/**
 * A text in which a reader sees every character. Escape sequences of terminals are taken out, every
 * kind of line end becomes a line feed, and what would be hidden is shown: `[U+202E]`.
 */
export function visible(text: string): string {
  return text
    .replace(ESCAPE_SEQUENCE, '')
    .replace(LINE_END, '\n')
    .replace(MEANT_OR_HIDDEN, (hidden, meant: string | undefined) => meant ?? shown(hidden));
}

/** The same of every text in a value: in its members and theirs. */
export function visibleIn<T>(value: T): T;
export function visibleIn(value: unknown): unknown {
  if (typeof value === 'string') return visible(value);
  if (Array.isArray(value)) return value.map(visibleIn);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, visibleIn(one)]));
}

function shown(hidden: string): string {
  const [first = '', ...more] = hidden;
  const point = (first.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  return more.length === 0 ? `[U+${point}]` : `[U+${point} and ${more.length} more]`;
}
