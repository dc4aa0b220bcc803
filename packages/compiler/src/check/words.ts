import type { ErrorObject } from 'ajv';

/** Forms that many fields share, for people: by the pattern that they are checked with. */
const FORMS: readonly (readonly [RegExp, string])[] = [
  [/^\\S$/, 'text, and not only spaces'],
  [/^\^https\?:\/\//, 'an address: https://example.com/path'],
  [/^\^\[a-z0-9\]\(\[a-z0-9-\]\*/, 'lower-case letters, digits and hyphens: backend-api'],
  [/^\^\[\+-\]\?/, 'an amount as Kubernetes writes it: 500m, 1.5, 2Gi'],
];

/**
 * What a text should look like that does not match.
 * @param description of its field, for forms of one field alone.
 */
export function formOf(pattern: string, description: string | undefined): string {
  const shared = FORMS.find(([known]) => known.test(pattern))?.[1];
  return shared ?? description ?? `the form is ${pattern}`;
}

/** How far beyond its limit a value is, as the rest of a sentence that begins with its field. */
export function bound({ keyword, params, message }: ErrorObject, value: unknown): string {
  const limit = Number(params['limit']);
  switch (keyword) {
    case 'minLength':
      return value === '' ? 'is empty' : `is too short: at least ${limit} characters`;
    case 'maxLength':
      return `has ${[...String(value)].length} characters: at most ${limit}`;
    case 'minItems':
      return `has too few entries: at least ${limit}`;
    case 'maxItems':
      return `has ${(value as readonly unknown[]).length} entries: at most ${limit}`;
    case 'minimum':
      return `must be at least ${limit}`;
    case 'maximum':
      return `must be at most ${limit}`;
    default:
      return message ?? 'is not valid';
  }
}
