const TAG = /\{\{([^{}]+)\}\}/g;

/** Replaces every `{{name}}` by its value. @throws RangeError for a name without a value. */
export function substitute(text: string, values: (name: string) => string | undefined): string {
  return text.replace(TAG, (_, name: string) => {
    const value = values(name.trim());
    if (value === undefined) throw new RangeError(`unknown variable {{${name}}}`);
    return value;
  });
}

/** Applies {@link substitute} to every string inside a value. */
export function substituteAll<T>(value: T, values: (name: string) => string | undefined): T {
  if (typeof value === 'string') return substitute(value, values) as T;
  if (Array.isArray(value)) return value.map((item) => substituteAll(item, values)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, substituteAll(item, values)]),
  ) as T;
}
