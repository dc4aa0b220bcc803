type Fields = Readonly<Record<string, unknown>>;

/**
 * An object as YAML: no anchors, no folded lines, the same bytes every time. What Argo and kubectl
 * read it with takes an unquoted `no` or `1e3` for something else than text, as YAML 1.1 did, so
 * that only what no version of YAML can mistake stands without quotes.
 */
export function toYaml(object: object): string {
  return `${fields(object as Fields, '')}\n`;
}

function fields(object: Fields, indent: string): string {
  return Object.entries(object)
    .filter(([, value]) => isPresent(value))
    .map(
      ([key, value]) =>
        `${line(key)}:${isBlock(value) ? `\n${indent}  ` : ' '}${node(value, `${indent}  `)}`,
    )
    .join(`\n${indent}`);
}

function items(list: readonly unknown[], indent: string): string {
  return list.map((item) => `- ${node(item, `${indent}  `)}`).join(`\n${indent}`);
}

/** @param indent of the lines that follow its first. */
function node(value: unknown, indent: string): string {
  if (typeof value === 'string') return multiline(value, indent) ?? line(value);
  if (!isBlock(value)) return JSON.stringify(value ?? null);
  return Array.isArray(value) ? items(value, indent) : fields(value as Fields, indent);
}

/** Whether a value goes on lines of its own. */
function isBlock(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Array.isArray(value) ? value.length > 0 : Object.values(value).some(isPresent);
}

/** As in JSON, what is undefined is not there; in a list it is null. */
function isPresent(value: unknown): boolean {
  return value !== undefined;
}

/** Begins like no number, date or sign, and holds neither a comment nor another key; or `10Gi`. */
const PLAIN = /^(?:[A-Za-z/]|\d+[KMGT]i$)(?:[!-9;-~]|:(?=[!-~])| (?=[!"$-~]))*$/;

/** Truth values, nothing, and what some readers of YAML 1.1 take for a number: `e0`. */
const MEANS_SOMETHING = /^(?:y|yes|n|no|on|off|true|false|null|e[-+]?\d+)$/i;

/** Of these some readers make line ends, and others nothing; JSON escapes the rest of the kind. */
const UNPRINTABLE = /[\u007f-\u00a0\u2028\u2029\ufeff\ufffe\uffff]/g;

/** Text on one line: plain, else in quotes, in single ones where it would need escapes in others. */
function line(text: string): string {
  if (PLAIN.test(text) && !MEANS_SOMETHING.test(text)) return text;
  const quoted = JSON.stringify(text);
  if (quoted.length === text.length + 2) return quoted.replace(UNPRINTABLE, escaped);
  return /^[ -~]*$/.test(text)
    ? `'${text.replaceAll("'", "''")}'`
    : quoted.replace(UNPRINTABLE, escaped);
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** Lines that begin and end with something to see, the last with at most one line end after it. */
const READABLE = /^[!-~](?:[ -~]*[!-~])?(?:\n+[ ]*[!-~](?:[ -~]*[!-~])?)+\n?$/;

/** Text of several lines as it stands; undefined where that would lose or hide something. */
function multiline(text: string, indent: string): string | undefined {
  if (!text.includes('\n') || !READABLE.test(text)) return undefined;
  const [mark, body] = text.endsWith('\n') ? ['|', text.slice(0, -1)] : ['|-', text];
  return `${mark}\n${indent}${body.replaceAll(/\n(?=[^\n])/g, `\n${indent}`)}`;
}
