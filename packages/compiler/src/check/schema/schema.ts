import type { Schema } from '@agentteam/api';
import type { ErrorObject } from 'ajv';
import type { Problem } from '../../problem.ts';
import { nearest } from '../nearest.ts';
import { describeForm, describeLimit, describeType } from './describe-error.ts';
import { refusedHint } from './refused-fields.ts';
import { type Kind, RESOURCES } from './resources.ts';

/** Checks an object against its schema: types, required and unknown fields, patterns, limits. */
export function checkSchema(kind: Kind, object: unknown): readonly Problem[] {
  const { validate, schema } = RESOURCES[kind];
  if (validate(object)) return [];
  const errors = validate.errors ?? [];
  const of = (wanted: string): ReadonlySet<string> =>
    new Set(
      errors.filter(({ keyword }) => keyword === wanted).map(({ instancePath }) => instancePath),
    );
  const empty = of('minLength');
  const notAllowed = of('enum');
  // Each mistake is reported once: an empty text also breaks the pattern, and a number is not an allowed text either.
  return errors
    .filter(({ keyword, instancePath }) => keyword !== 'pattern' || !empty.has(instancePath))
    .filter(({ keyword, instancePath }) => keyword !== 'type' || !notAllowed.has(instancePath))
    .flatMap((error) => toProblem(error, object, schema) ?? []);
}

const ONE_AGENT =
  'a team has a lead and 1 to 16 teammates; give work for one agent to one teammate';

function toProblem(error: ErrorObject, object: unknown, root: Schema): Problem | undefined {
  const path = pathOf(error.instancePath, object);
  const field = fieldName(path);
  const { params } = error;
  switch (error.keyword) {
    case 'required': {
      const missing = String(params['missingProperty']);
      const message = `\`${missing}\` is missing`;
      const hint = missing === 'teammates' ? { hint: ONE_AGENT } : {};
      return { code: 'missing-field', path, message, ...hint };
    }
    case 'additionalProperties': {
      const unknown = String(params['additionalProperty']);
      const known = Object.keys(schemaAt(root, path)?.properties ?? {});
      const guess = nearest(unknown, known);
      const hint =
        guess === undefined ? `known fields: ${known.join(', ')}` : `did you mean \`${guess}\`?`;
      return {
        code: 'unknown-field',
        path: [...path, unknown],
        message: `unknown field \`${unknown}\``,
        hint: refusedHint([...path, unknown]) ?? hint,
      };
    }
    case 'type': {
      const wanted = String(params['type']);
      const value = valueAt(object, path);
      const hint = describeType(wanted, value, field, schemaAt(root, path));
      return {
        code: 'wrong-type',
        path,
        message: `\`${field}\` must be ${article(wanted)}, not ${kindOf(value)}`,
        ...(hint !== undefined && { hint }),
      };
    }
    case 'enum': {
      const allowed = (params['allowedValues'] as readonly unknown[]).map(String);
      const guess = nearest(String(valueAt(object, path)), allowed);
      return {
        code: 'not-allowed',
        path,
        message: `\`${field}\` must be one of ${allowed.join(', ')}`,
        ...(guess !== undefined && { hint: `did you mean \`${guess}\`?` }),
      };
    }
    case 'pattern':
      return {
        code: 'wrong-form',
        path,
        message: `\`${field}\` has the wrong form`,
        hint: describeForm(
          String(params['pattern']),
          String(valueAt(object, path)),
          schemaAt(root, path)?.description,
        ),
      };
    case 'anyOf':
      return { code: 'wrong-type', path, message: `\`${field}\` must be a number or a string` };
    default:
      return {
        code: 'out-of-bounds',
        path,
        message: `\`${field}\` ${describeLimit(error, valueAt(object, path))}`,
        ...(field === 'teammates' && error.keyword === 'minItems' && { hint: ONE_AGENT }),
      };
  }
}

/** The last part of a path, as messages name it: `prompt`, `labels[0]`. */
function fieldName(path: readonly (string | number)[]): string {
  const last = path.at(-1) ?? 'the object';
  return typeof last === 'number' ? `${path.at(-2) ?? ''}[${last}]` : last;
}

/** Converts ajv's JSON pointer to keys and indices. The object tells which of them are indices. */
function pathOf(pointer: string, object: unknown): readonly (string | number)[] {
  const path: (string | number)[] = [];
  let value = object;
  for (const part of pointer.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    path.push(Array.isArray(value) ? Number(key) : key);
    value = (value as Record<string, unknown> | undefined)?.[key];
  }
  return path;
}

function schemaAt(root: Schema, path: Problem['path']): Schema | undefined {
  let schema: Schema | undefined = root;
  for (const part of path) {
    if (typeof part === 'number') schema = schema?.items;
    else schema = schema?.properties?.[part] ?? additional(schema);
  }
  return schema;
}

function additional(schema: Schema | undefined): Schema | undefined {
  const more = schema?.additionalProperties;
  return typeof more === 'object' ? more : undefined;
}

function valueAt(object: unknown, path: Problem['path']): unknown {
  let value = object;
  for (const part of path) value = (value as Record<string | number, unknown> | undefined)?.[part];
  return value;
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return article(Array.isArray(value) ? 'array' : typeof value);
}

function article(kind: string): string {
  const word = kind === 'array' ? 'list' : kind;
  return `${/^[aeio]/.test(word) ? 'an' : 'a'} ${word}`;
}
