import type { Problem } from '@agentteam/compiler';
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import { scriptSchema } from './schema.ts';

const validate = new Ajv2020({ allErrors: true, verbose: true, strictTypes: false }).compile(
  scriptSchema,
);

/** Finds unknown and missing fields, wrong types, and values out of bounds. */
export function checkSchema(object: unknown): readonly Problem[] {
  if (validate(object)) return [];
  return (validate.errors ?? []).flatMap((error) => toProblem(error) ?? []);
}

function toProblem(error: ErrorObject): Problem | undefined {
  const path = pathOf(error.instancePath);
  const field = path.at(-1) ?? 'the script';
  const { params } = error;
  switch (error.keyword) {
    // The error of the pattern says the same.
    case 'propertyNames':
      return undefined;
    case 'required':
      return {
        code: 'missing-field',
        path,
        message: `\`${params['missingProperty']}\` is missing`,
      };
    case 'additionalProperties': {
      const unknown = String(params['additionalProperty']);
      const { properties = {} } = error.parentSchema as { readonly properties?: object };
      return {
        code: 'unknown-field',
        path: [...path, unknown],
        message: `unknown field \`${unknown}\``,
        hint: `known fields: ${Object.keys(properties).join(', ')}`,
      };
    }
    case 'type':
      return {
        code: 'wrong-type',
        path,
        message: `\`${field}\` must be of type ${params['type']}, not ${kindOf(error.data)}`,
      };
    case 'pattern': {
      const named = error.propertyName;
      return {
        code: 'wrong-form',
        path: named === undefined ? path : [...path, named],
        message: `\`${named ?? String(error.data)}\` is not a valid name`,
        hint: `names must match ${params['pattern']}`,
      };
    }
    default:
      return { code: 'out-of-bounds', path, message: `\`${field}\` ${error.message}` };
  }
}

/** Converts a JSON pointer to keys and indices. Digits in the second place are the name of an agent. */
function pathOf(pointer: string): readonly (string | number)[] {
  const parts = pointer.split('/').slice(1);
  return parts.map((part, depth) => {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    return depth > 1 && /^\d+$/.test(key) ? Number(key) : key;
  });
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}
