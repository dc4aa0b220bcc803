import type { Schema } from '@agentteam/api';
import type { ErrorObject } from 'ajv';

/** Descriptions of patterns that many fields share. */
const FORMS: readonly (readonly [RegExp, string])[] = [
  [/^\[\^\\s\\p\{Cc\}/, 'enter a text that is not only spaces or invisible characters'],
  [/^\^https\?:\/\//, 'enter a URL: https://example.com/path'],
  [/^\^\[a-z0-9\]\(\[a-z0-9-\]\*/, 'use lower-case letters, digits and hyphens: backend-api'],
  [/^\^\[\+-\]\?/, 'enter a Kubernetes quantity: 500m, 1.5, 2Gi'],
  [
    /^\^\[A-Za-z_\]\[A-Za-z0-9_\]\*\$$/,
    'use letters, digits and underscores, and begin with no digit: LOG_LEVEL',
  ],
];

/**
 * Describes the form that a text should have.
 * @param description the field's description, for patterns of one field only.
 */
export function describeForm(
  pattern: string,
  value: string,
  description: string | undefined,
): string {
  const shared = FORMS.find(([known]) => known.test(pattern))?.[1];
  if (shared !== undefined) return shared;
  if (/\s/.test(value) && new RegExp(pattern, 'u').test(value.replaceAll(/\s/g, ''))) {
    return 'remove the spaces';
  }
  const rule = `it must match ${pattern}`;
  // A description that shows an example in backquotes says enough.
  if (description === undefined) return rule;
  return description.includes('`') ? description : `${description} It must match ${pattern}`;
}

/** Fields whose text is a duration. */
const DURATION = /^(timeout|approvalTimeout|deadline)$/;

/** Says how to correct a value of the wrong type; undefined where there is no simple way. */
export function describeType(
  wanted: string,
  value: unknown,
  field: string,
  schema: Schema | undefined,
): string | undefined {
  if (wanted === 'string' && value === null) {
    return 'enter a text; put it in quotes if it begins with #';
  }
  if (wanted === 'object' && value === null) {
    const none = schema?.required === undefined ? '; {} for none' : '';
    return `write its fields below it, indented${none}`;
  }
  if (wanted === 'array' && typeof value === 'object') {
    return 'begin each entry with a hyphen';
  }
  if (!['string', 'number', 'boolean'].includes(typeof value)) return undefined;
  const text = String(value);
  const shown = text.length > 40 ? `${text.slice(0, 40)}…` : text;
  const [first = ''] = schema?.required ?? [];
  switch (wanted) {
    case 'string':
      return DURATION.test(field)
        ? `add a unit: "${shown}s", "${shown}m"`
        : `put it in quotes: "${shown}"`;
    case 'array':
      return `write it as a list: [${shown}]`;
    case 'object':
      return schema?.properties?.[first]?.type === 'string'
        ? `write it with its field: { ${first}: ${shown} }`
        : undefined;
    case 'boolean':
      return /^(true|false)$/.test(text) ? `write it without quotes: ${text}` : undefined;
    case 'integer':
      return /^\d{1,9}$/.test(text) ? `write it without quotes: ${text}` : undefined;
    default:
      return undefined;
  }
}

/** Describes a violated limit, as the rest of a sentence that begins with the field's name. */
export function describeLimit({ keyword, params, message }: ErrorObject, value: unknown): string {
  const limit = Number(params['limit']);
  switch (keyword) {
    case 'minLength':
      return value === '' ? 'is empty' : `is too short; the minimum is ${limit} characters`;
    case 'maxLength':
      return `has ${[...String(value)].length} characters; the limit is ${limit}`;
    case 'minItems':
      return `has too few entries; the minimum is ${limit}`;
    case 'maxItems':
      return `has ${(value as readonly unknown[]).length} entries; the limit is ${limit}`;
    case 'minimum':
      return `must be at least ${limit}`;
    case 'maximum':
      return `must be at most ${limit}`;
    default:
      return message ?? 'is not valid';
  }
}
