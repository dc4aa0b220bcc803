import type { Schema } from '@agentteam/api';
import { parse } from '@marcbachmann/cel-js';
import type { Problem } from '../../problem.ts';

type Rule = (context: { readonly self: unknown }) => unknown;

/** Rules are parsed on first use, because most starts of the CLI check one team or none. */
const PARSED = new Map<string, Rule>();

/**
 * Evaluates the CRD's rules between fields (`x-kubernetes-validations`) as the API server does: on an object
 * that matches the schema and has its defaults, each rule at its own path.
 * @param unknown paths of values that do not match the schema. Rules that read one of them are skipped.
 */
export function checkRules(
  schema: Schema,
  object: unknown,
  unknown: readonly Problem['path'][] = [],
): readonly Problem[] {
  return walk(schema, object, [], unknown);
}

function walk(
  schema: Schema,
  value: unknown,
  path: Problem['path'],
  unknown: readonly Problem['path'][],
): readonly Problem[] {
  if (value === undefined || value === null || !hasRules(schema)) return [];
  const own = (schema['x-kubernetes-validations'] ?? []).flatMap(({ rule, message }) =>
    unknown.some((one) => reads(rule, path, one)) || holds(rule, value)
      ? []
      : [{ code: 'rule', path, message: message ?? `rule not satisfied: ${rule}` }],
  );
  if (Array.isArray(value)) {
    const { items } = schema;
    const below =
      items === undefined ? [] : value.flatMap((v, i) => walk(items, v, [...path, i], unknown));
    return [...own, ...below];
  }
  if (typeof value !== 'object') return own;
  const below = propertiesWithRules(schema).flatMap(([key, property]) =>
    walk(property, (value as Record<string, unknown>)[key], [...path, key], unknown),
  );
  return [...own, ...below];
}

/** Whether a rule at a path may read the value at another one: it names each field that leads there. */
function reads(rule: string, at: Problem['path'], path: Problem['path']): boolean {
  if (!at.every((key, index) => path[index] === key)) return false;
  const fields: readonly string[] = rule.match(/(?<=\.)\w+/g) ?? [];
  return path.slice(at.length).every((key) => typeof key === 'number' || fields.includes(key));
}

type Properties = readonly (readonly [name: string, schema: Schema])[];

/** The rules are in few of a schema's many places, so the others are not visited for every object. */
const WITH_RULES = new WeakMap<Schema, Properties>();

function propertiesWithRules(schema: Schema): Properties {
  const known = WITH_RULES.get(schema);
  if (known !== undefined) return known;
  const found = Object.entries(schema.properties ?? {}).filter(([, one]) => hasRules(one));
  WITH_RULES.set(schema, found);
  return found;
}

/** Whether a schema has a rule, for the value itself or for anything in it. */
function hasRules(schema: Schema): boolean {
  return (
    schema['x-kubernetes-validations'] !== undefined ||
    (schema.items !== undefined && hasRules(schema.items)) ||
    propertiesWithRules(schema).length > 0
  );
}

function holds(rule: string, self: unknown): boolean {
  let parsed = PARSED.get(rule);
  if (parsed === undefined) {
    parsed = parse(rule) as Rule;
    PARSED.set(rule, parsed);
  }
  return parsed({ self }) === true;
}
