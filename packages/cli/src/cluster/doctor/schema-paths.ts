/** The part of an OpenAPI schema that has fields in it. */
export interface FieldSchema {
  readonly properties?: Readonly<Record<string, FieldSchema>>;
  readonly items?: FieldSchema;
}

/** Paths of fields that `wanted` has and `stored` has not, the outermost of each. */
export function missingPaths(
  wanted: FieldSchema | undefined,
  stored: FieldSchema | undefined,
  path = '',
): readonly string[] {
  if (wanted === undefined) return [];
  if (stored === undefined) return [path];
  const fields = Object.entries(wanted.properties ?? {}).flatMap(([name, field]) =>
    missingPaths(field, stored.properties?.[name], path === '' ? name : `${path}.${name}`),
  );
  return [...fields, ...missingPaths(wanted.items, stored.items, `${path}[]`)];
}
