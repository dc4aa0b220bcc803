import type { Schema } from '@agentteam/api';

/** Fills in the schema's defaults, as the API server does. Returns a new object. */
export function applyDefaults(schema: Schema, value: unknown): unknown {
  if (Array.isArray(value)) {
    const { items } = schema;
    return items === undefined ? value : value.map((item) => applyDefaults(items, item));
  }
  if (typeof value !== 'object' || value === null) return value;
  const filled: Record<string, unknown> = { ...value };
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    // A field with the value null gets the default.
    const own = filled[key] ?? property.default;
    if (own !== undefined) filled[key] = applyDefaults(property, own);
  }
  return filled;
}
