import type { Problem } from '../problem.ts';

/** Problems of values that no further check can use. */
const UNUSABLE = new Set(['wrong-type', 'unknown-field', 'bad-name']);

/**
 * Removes the values that no further check can use, such as those of a wrong type. A value of the right type
 * stays, even if it does not match its schema.
 * @param problems the problems that the schema found.
 */
export function remainderOf(object: unknown, problems: readonly Problem[]): unknown {
  return problems
    .filter(({ code }) => UNUSABLE.has(code))
    .reduce((rest, { path }) => without(rest, path), object);
}

/** Removing an item of a list removes the whole list, because the other items would get new indices. */
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
