import type { Problem } from '../../problem.ts';

/** Problems of values that no further check can use. */
const UNUSABLE = new Set(['wrong-type', 'unknown-field', 'bad-name']);

export interface Remainder {
  readonly object: unknown;
  /** Whether values were removed, so that a check could mistake one for a value that is not set. */
  readonly isReduced: boolean;
  /** Whether the names of objects of the team are not all known, so that a reference may be to one of those. */
  readonly lacksNames: boolean;
  /** Paths of the values that were filled in. */
  readonly filled: readonly Problem['path'][];
}

/**
 * Makes an object that can be checked for other problems. Values that no check can use, such as those of a wrong
 * type, are removed, and fields that every team has are filled in where they are missing. A value of the right type
 * stays, even if it does not match its schema.
 * @param problems the problems that the schema found.
 */
export function remainderOf(object: unknown, problems: readonly Problem[]): Remainder {
  const unusable = problems.filter(({ code }) => UNUSABLE.has(code));
  const missing = problems
    .filter(({ code }) => code === 'missing-field')
    .map(({ path }) => ({ path, values: standInsFor(path) }));
  const incomplete = missing.filter(({ values }) => values === undefined);
  const removed = [...unusable, ...incomplete].map(({ path }) => path);
  const reduced = removed.reduce((rest, path) => without(rest, path), object);
  const filled = missing.flatMap(({ path, values = {} }) =>
    Object.keys(values)
      .map((key) => [...path, key])
      .filter((one) => valueAt(object, one) === undefined),
  );
  return {
    object: missing.reduce((rest, { path, values = {} }) => filledAt(rest, path, values), reduced),
    isReduced: removed.length > 0,
    lacksNames:
      incomplete.length > 0 ||
      filled.some((path) => path.at(-1) === 'name' || path.at(-1) === 'teammates'),
    filled,
  };
}

/**
 * Values for the required fields of an object that the rest of the team needs.
 * @returns undefined for an object that can be left out.
 */
function standInsFor([spec, part, index, ...deeper]: Problem['path']):
  | Readonly<Record<string, unknown>>
  | undefined {
  const prompt = '…';
  if (spec !== 'spec' || deeper.length > 0) return undefined;
  if (part === undefined) return { lead: { prompt }, teammates: [] };
  if (part === 'lead' && index === undefined) return { prompt };
  if (part === 'repository' && index === undefined) return { url: 'https://example.com/r.git' };
  return part === 'teammates' && index !== undefined
    ? { name: `unnamed-${index}`, prompt }
    : undefined;
}

/** Adds the values that an object lacks. */
function filledAt(
  value: unknown,
  [key, ...deeper]: Problem['path'],
  values: Readonly<Record<string, unknown>>,
): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (key === undefined) return { ...values, ...value };
  if (Array.isArray(value)) {
    return value.map((item, index) => (index === key ? filledAt(item, deeper, values) : item));
  }
  if (!Object.hasOwn(value, key)) return value;
  const own = (value as Readonly<Record<string | number, unknown>>)[key];
  return { ...value, [key]: filledAt(own, deeper, values) };
}

function valueAt(value: unknown, path: Problem['path']): unknown {
  return path.reduce<unknown>(
    (found, key) =>
      typeof found === 'object' && found !== null && Object.hasOwn(found, key)
        ? (found as Readonly<Record<string | number, unknown>>)[key]
        : undefined,
    value,
  );
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
