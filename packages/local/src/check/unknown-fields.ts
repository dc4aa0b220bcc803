/**
 * The supported fields of an object. The engine implements `executed` fields as Argo and Kubernetes do;
 * their value is the shape of the field, or `true` if any value is supported. `harmless` fields have no
 * meaning on a single machine. All other fields are refused, because they would be ignored silently.
 */
export interface Shape {
  readonly executed: Readonly<Record<string, Shape | true>>;
  readonly harmless?: readonly string[];
}

/** Paths of all fields that are not in the shape. In a path, list items are shown by their name. */
export function unknownFields(
  value: unknown,
  shape: Shape | true,
  path: string,
): readonly string[] {
  if (shape === true || typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) {
    return value.flatMap((item, index) =>
      unknownFields(item, shape, `${path}[${nameOf(item) ?? index}]`),
    );
  }
  return Object.entries(value).flatMap(([key, field]) => {
    if (field === undefined || shape.harmless?.includes(key)) return [];
    const inner = shape.executed[key];
    return inner === undefined ? [`${path}.${key}`] : unknownFields(field, inner, `${path}.${key}`);
  });
}

function nameOf(item: unknown): string | undefined {
  const { name } = (item ?? {}) as { readonly name?: unknown };
  return typeof name === 'string' ? name : undefined;
}
