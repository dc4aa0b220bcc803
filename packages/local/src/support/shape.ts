/**
 * Which fields of an object are dealt with. `executed`: as Argo and Kubernetes do, with the shape of
 * what is inside where that matters. `harmless`: means nothing on one machine. Every other field
 * would silently be done without, so it is refused.
 */
export interface Shape {
  readonly executed: Readonly<Record<string, Shape | true>>;
  readonly harmless?: readonly string[];
}

/** Paths of all fields of a value that its shape does not know. List items are shown by their name. */
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
