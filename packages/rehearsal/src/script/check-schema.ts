import type { Problem } from '@agentteam/compiler';
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import { scriptSchema } from './schema.ts';

const validate = new Ajv2020({ allErrors: true, verbose: true, strictTypes: false }).compile(
  scriptSchema,
);

/** Unknown and missing fields, wrong types, values out of bounds. */
export function checkSchema(object: unknown): readonly Problem[] {
  if (validate(object)) return [];
  return (validate.errors ?? []).flatMap((error) => toProblem(error) ?? []);
}

function toProblem(error: ErrorObject): Problem | undefined {
  const path = pathOf(error.instancePath);
  const field = path.at(-1) ?? 'the script';
  const { params } = error;
  switch (error.keyword) {
    // Says again what the pattern below it has said.
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
        message: `there is no field \`${unknown}\` here`,
        hint: `known: ${Object.keys(properties).join(', ')}`,
      };
    }
    case 'type':
      return {
        code: 'wrong-type',
        path,
        message: `\`${field}\` must be of the type ${params['type']}, but is ${kindOf(error.data)}`,
      };
    case 'pattern': {
      const named = error.propertyName;
      return {
        code: 'wrong-form',
        path: named === undefined ? path : [...path, named],
        message: `\`${named ?? String(error.data)}\` is not a name that can be used here`,
        hint: `names match ${params['pattern']}`,
      };
    }
    default:
      return { code: 'out-of-bounds', path, message: `\`${field}\` ${error.message}` };
  }
}

/** ajv's JSON pointer as keys and indices. Keys of a script that are digits are agents' names. */
function pathOf(pointer: string): readonly (string | number)[] {
  const parts = pointer.split('/').slice(1);
  return parts.map((part, depth) => {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    return depth > 1 && /^\d+$/.test(key) ? Number(key) : key;
  });
}

function kindOf(value: unknown): string {
  if (value === null) return 'nothing';
  return Array.isArray(value) ? 'a list' : typeof value;
}
