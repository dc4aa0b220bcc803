/**
 * Escape sequences of terminals: colours, cursor movements, and strings that set a title, a link or the
 * clipboard (ECMA-48 and https://invisible-island.net/xterm/ctlseqs/ctlseqs.html).
 */
const ESCAPE_SEQUENCE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern matches control characters.
  /\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\x07\x1b\x9c\n\r]*(?:\x07|\x1b\\|\x9c)|[ -/]+[0-~]|[0-Z\\`-~])/g;

/** Everything that some reader of plain text treats as the end of a line. */
const LINE_END = /\r\n?|[\v\f\u0085\u2028\u2029]/g;

/** A letter of a script in which joiners change the meaning. */
const JOINED = '(?![\\p{Script=Latin}\\p{Script=Greek}\\p{Script=Cyrillic}])[\\p{L}\\p{M}]';
const PICTURE = '\\p{Extended_Pictographic}';

/**
 * Invisible characters that are part of normal text: joiners inside emoji and inside words of scripts other
 * than Latin, Greek and Cyrillic, and selectors between emoji and text.
 */
const LEGITIMATE = [
  `(?<=${PICTURE}|\\p{Emoji_Modifier}|\\uFE0F)\\u200D(?=${PICTURE})`,
  `(?<=${PICTURE})(?:\\uFE0E|\\uFE0F)`,
  '(?<=[#*0-9])\\uFE0F(?=\\u20E3)',
  `(?<=${JOINED})(?:\\u200C|\\u200D)(?=${JOINED})`,
].join('|');

/**
 * Control characters except tab and line feed, unpaired surrogates, characters that reorder a line
 * (https://trojansource.codes), and invisible ones: zero-width characters, tags (U+E0000) and variation
 * selectors, which can carry a hidden text.
 */
const HIDDEN =
  /(?![\t\n])[\p{Cc}\p{Cs}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\uFFF9-\uFFFB]/u;

/** A character that ordinary text in ASCII does not have. Without one, nothing has to be replaced. */
const EXTRAORDINARY = /[^\t\n -~]/;

const LEGITIMATE_OR_HIDDEN = new RegExp(`(${LEGITIMATE})|(?:${HIDDEN.source})+`, 'gu');

/**
 * Makes every character of a text visible. Escape sequences of terminals are removed, every kind of line end
 * becomes a line feed, and hidden characters are written out: `[U+202E]`.
 */
export function visible(text: string): string {
  if (!EXTRAORDINARY.test(text)) return text;
  return text
    .replace(ESCAPE_SEQUENCE, '')
    .replace(LINE_END, '\n')
    .replace(
      LEGITIMATE_OR_HIDDEN,
      (hidden, legitimate: string | undefined) => legitimate ?? shown(hidden),
    );
}

/** Makes every text in a value visible, at any depth. */
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
