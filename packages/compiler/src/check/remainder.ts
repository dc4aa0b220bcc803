import type { Problem } from '../problem.ts';

/** What a value of the wrong kind, or one that nobody knows, is found as; a name may be of any kind. */
const UNUSABLE = new Set(['wrong-type', 'unknown-field', 'bad-name']);

/**
 * What is left of an object when the values are taken out that have no use for any further check;
 * a value of the right kind stays, whatever else its schema has against it.
 * @param problems what the schema found.
 */
export function remainderOf(object: unknown, problems: readonly Problem[]): unknown {
  return problems
    .filter(({ code }) => UNUSABLE.has(code))
    .reduce((rest, { path }) => without(rest, path), object);
}

/** A list goes with an item of it: its others would change their places. */
function without(value: unknown, [key, ...deeper]: Problem['path']): unknown {
  if (key === undefined) return undefined;
  if (Array.isArray(value)) {
    if (deeper.length === 0) return undefined;
    return value.map((item, index) => (index === key ? without(item, deeper) : item));
  }
  if (typeof value !== 'object' || value === null) return value;
  const { [key]: own, ...others } = value as Readonly<Record<string | number, unknown>>;
  const rest = without(own, deeper);
  return rest === undefined ? others : { ...others, [key]: rest };
}
