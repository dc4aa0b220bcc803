type Fields = Readonly<Record<string, unknown>>;

/**
 * Writes an object as YAML without anchors and without folded lines, always with the same bytes. The parser
 * that Argo and kubectl use reads an unquoted `no` or `1e3` as YAML 1.1 does, not as text. Therefore a text is
 * quoted unless every version of YAML reads it as text.
 */
export function toYaml(object: object): string {
  return `${fields(object as Fields, '')}\n`;
}

function fields(object: Fields, indent: string): string {
  const below = `${indent}  `;
  let text = '';
  for (const [key, value] of Object.entries(object)) {
    if (value === undefined) continue;
    const start = text === '' ? '' : `\n${indent}`;
    text += `${start}${line(key)}:${isBlock(value) ? `\n${below}` : ' '}${node(value, below)}`;
  }
  return text;
}

function items(list: readonly unknown[], indent: string): string {
  return list.map((item) => `- ${node(item, `${indent}  `)}`).join(`\n${indent}`);
}

/** @param indent indentation of all lines but the first. */
function node(value: unknown, indent: string): string {
  if (typeof value === 'string') return multiline(value, indent) ?? line(value);
  if (!isBlock(value)) return JSON.stringify(value ?? null);
  return Array.isArray(value) ? items(value, indent) : fields(value as Fields, indent);
}

/**
 * Whether a value starts on a line of its own. As in JSON, undefined fields are omitted, and undefined items of a
 * list become null.
 */
function isBlock(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return value.length > 0;
  for (const key in value) {
    if (value[key as keyof object] !== undefined) return true;
  }
  return false;
}

/**
 * Texts that do not start like a number, a date or a sign, and contain neither a comment nor another key;
 * also quantities such as `10Gi`.
 */
const PLAIN = /^(?:[A-Za-z/]|\d+[KMGT]i$)(?:[!-9;-~]|:(?=[!-~])| (?=[!"$-~]))*$/;

/** Booleans, null, and `e0`, which some YAML 1.1 parsers read as a number. */
const MEANS_SOMETHING = /^(?:y|yes|n|no|on|off|true|false|null|e[-+]?\d+)$/i;

const PRINTABLE = /^[ -~]*$/;

/** Characters that some parsers read as line ends and others drop. JSON already escapes the other control characters. */
const UNPRINTABLE = /[\u007f-\u00a0\u2028\u2029\ufeff\ufffe\uffff]/g;

/** Writes a text on one line: plain if possible, in double quotes if that needs no escapes, else in single quotes. */
function line(text: string): string {
  if (PLAIN.test(text) && !MEANS_SOMETHING.test(text)) return text;
  if (!PRINTABLE.test(text)) return JSON.stringify(text).replace(UNPRINTABLE, escaped);
  return text.includes('"') || text.includes('\\')
    ? `'${text.replaceAll("'", "''")}'`
    : `"${text}"`;
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** Lines that start and end with a visible character, the last followed by at most one line end. */
const READABLE = /^[!-~](?:[ -~]*[!-~])?(?:\n+[ ]*[!-~](?:[ -~]*[!-~])?)+\n?$/;

/** Writes a text of several lines as a block. @returns undefined where a block would lose or hide characters. */
function multiline(text: string, indent: string): string | undefined {
  if (!text.includes('\n') || !READABLE.test(text)) return undefined;
  const [mark, body] = text.endsWith('\n') ? ['|', text.slice(0, -1)] : ['|-', text];
  return `${mark}\n${indent}${body.replaceAll(/\n(?=[^\n])/g, `\n${indent}`)}`;
}
