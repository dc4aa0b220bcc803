import type { ErrorObject } from 'ajv';

/** Descriptions of patterns that many fields share. */
const FORMS: readonly (readonly [RegExp, string])[] = [
  [/^\\S$/, 'enter a text that is not only spaces'],
  [/^\^https\?:\/\//, 'enter a URL: https://example.com/path'],
  [/^\^\[a-z0-9\]\(\[a-z0-9-\]\*/, 'use lower-case letters, digits and hyphens: backend-api'],
  [/^\^\[\+-\]\?/, 'enter a Kubernetes quantity: 500m, 1.5, 2Gi'],
];

/**
 * Describes the form that a text should have.
 * @param description the field's description, for patterns of one field only.
 */
export function describeForm(pattern: string, description: string | undefined): string {
  const shared = FORMS.find(([known]) => known.test(pattern))?.[1];
  return shared ?? description ?? `it must match ${pattern}`;
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
