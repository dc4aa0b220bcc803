/** How the text of a variable becomes a value, and how the chart writes the value as text. */
export interface SettingType<Value> {
  /** What is expected, to complete an error message: `true or false`. */
  readonly expected: string;
  /** @returns undefined when the text is not of this type. */
  readonly parse: (text: string) => Value | undefined;
  /** JSON schema of the chart's value. */
  readonly schema: object;
  /** The chart's value when nothing is set. */
  readonly empty: unknown;
  /** How the chart writes its value into the variable. */
  readonly form: 'text' | 'list' | 'json';
}

export type Texts = Readonly<Record<string, string>>;
export type JsonObject = Readonly<Record<string, unknown>>;

const scalar = { empty: '', form: 'text' } as const;
const split = (text: string): readonly string[] =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');

export const TEXT: SettingType<string> = {
  ...scalar,
  expected: 'text',
  parse: (text) => text,
  schema: { type: 'string' },
};

/** Name of a Kubernetes object. The API server checks it. */
export const NAME: SettingType<string> = { ...TEXT, schema: { $ref: '#/definitions/name' } };

export const QUANTITY: SettingType<string> = {
  ...TEXT,
  schema: { $ref: '#/definitions/quantity' },
};

export const URL_TEXT: SettingType<string> = {
  ...scalar,
  expected: 'an http:// or https:// URL',
  parse: (text) => (/^https?:\/\//.test(text) && URL.canParse(text) ? text : undefined),
  schema: { type: 'string', pattern: '^(https?://.+)?$' },
};

export const FLAG: SettingType<boolean> = {
  expected: 'true or false',
  parse: (text) => (text === 'true' || text === 'false' ? text === 'true' : undefined),
  schema: { type: 'boolean' },
  empty: false,
  form: 'text',
};

/** @param minimum the least that the chart accepts. */
export function count(minimum: number): SettingType<number> {
  return {
    expected: 'a whole number, zero or more',
    parse: (text) => {
      const value = Number(text);
      return Number.isSafeInteger(value) && value >= 0 ? value : undefined;
    },
    schema: { type: 'integer', minimum },
    empty: 0,
    form: 'text',
  };
}

export function choice<Value extends string | boolean>(
  values: readonly Value[],
): SettingType<Value> {
  return {
    ...scalar,
    expected: `one of ${values.join(', ')}`,
    parse: (text) => values.find((value) => String(value) === text),
    schema: { enum: values },
  };
}

const IMAGE_PATTERN = /^[\w.*/:@+-]+$/;

const list = { empty: [], form: 'list' } as const;

/** Names of Kubernetes objects, separated by commas. */
export const NAMES: SettingType<readonly string[]> = {
  ...list,
  expected: 'names separated by commas',
  parse: split,
  schema: { type: 'array', items: NAME.schema },
};

export const NAMESPACES: SettingType<readonly string[]> = {
  ...NAMES,
  schema: { $ref: '#/definitions/namespaces' },
};

export const API_FEATURES: SettingType<readonly string[]> = {
  ...list,
  expected: 'names of betas, server tools or request fields, separated by commas',
  parse: (text) => {
    const names = split(text);
    return names.every((name) => /^[a-z0-9_-]+$/.test(name)) ? names : undefined;
  },
  schema: { type: 'array', items: { type: 'string', pattern: '^[a-z0-9_-]+$' } },
};

/** Patterns for names of images. */
export const IMAGE_PATTERNS: SettingType<readonly string[]> = {
  ...list,
  expected: 'names of images, in which * stands for any characters, separated by commas',
  parse: (text) => {
    const patterns = split(text);
    return patterns.every((pattern) => IMAGE_PATTERN.test(pattern)) ? patterns : undefined;
  },
  schema: { type: 'array', items: { type: 'string', pattern: IMAGE_PATTERN.source } },
};

const TYPES = ['persistentVolumeClaim', 'configMap', 'image', 'emptyDir', 'none'];

export const VOLUME_TYPES: SettingType<readonly string[]> = {
  ...list,
  expected: `some of ${TYPES.join(', ')}, separated by commas`,
  parse: (text) => {
    const types = split(text);
    return types.every((type) => TYPES.includes(type)) ? types : undefined;
  },
  schema: { type: 'array', items: { enum: TYPES } },
};

/** Base URLs separated by commas. `none` alone is the empty list. @param schemes for example `https?`. */
function allowedUrls(schemes: string, expected: string): SettingType<readonly string[]> {
  const form = new RegExp(`^(?:${schemes})://`);
  return {
    ...list,
    expected: `${expected} URLs separated by commas, or none`,
    parse: (text) => {
      const urls = split(text);
      if (urls.length === 1 && urls[0] === 'none') return [];
      return urls.every((url) => form.test(url) && URL.canParse(url)) ? urls : undefined;
    },
    schema: {
      type: 'array',
      items: { type: 'string', pattern: `^(none|(${schemes})://[^,\\s]+)$` },
    },
  };
}

export const ALLOWED_URLS: SettingType<readonly string[]> = allowedUrls(
  'https?',
  'http:// or https://',
);
export const CREDENTIAL_URLS: SettingType<readonly string[]> = allowedUrls(
  'https?|ssh',
  'http://, https:// or ssh://',
);

/** A JSON object of any shape, such as a Kubernetes affinity. */
export const JSON_OBJECT: SettingType<JsonObject> = {
  expected: 'a JSON object',
  parse: (text) => accept(text, isObject),
  schema: { type: 'object' },
  empty: {},
  form: 'json',
};

export const JSON_TEXTS: SettingType<Texts> = {
  expected: 'a JSON object whose values are strings',
  parse: (text) => accept(text, isTexts),
  schema: { $ref: '#/definitions/texts' },
  empty: {},
  form: 'json',
};

export const JSON_OBJECTS: SettingType<readonly JsonObject[]> = {
  expected: 'a JSON array of objects',
  parse: (text) => accept(text, isObjects),
  schema: { type: 'array', items: { type: 'object' } },
  empty: [],
  form: 'json',
};

function accept<Value>(text: string, is: (value: unknown) => value is Value): Value | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return is(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isObjects = (value: unknown): value is readonly JsonObject[] =>
  Array.isArray(value) && value.every(isObject);
const isTexts = (value: unknown): value is Texts =>
  isObject(value) && Object.values(value).every((item) => typeof item === 'string');
