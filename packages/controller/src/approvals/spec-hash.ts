import { createHash } from 'node:crypto';
import { agentTeamSchema, type Schema } from '@agentteam/api';

/**
 * SHA-256 of a team's spec, in hexadecimal. Equivalent specs have the same hash: the order of keys does
 * not matter, and default values are omitted, so that votes stay valid when a newer CRD adds a field with
 * a default.
 */
export function specHash(spec: unknown): string {
  const canonical = canonicalOf(spec, agentTeamSchema.properties?.['spec']);
  return createHash('sha256')
    .update(JSON.stringify(canonical) ?? '')
    .digest('hex');
}

function canonicalOf(value: unknown, schema: Schema | undefined): unknown {
  if (Array.isArray(value)) return value.map((item) => canonicalOf(item, schema?.items));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value)
    .map(([key, item]) => [key, canonicalOf(item, schema?.properties?.[key])] as const)
    .filter(([key, item]) => {
      const fallback = schema?.properties?.[key]?.default;
      return fallback === undefined || JSON.stringify(item) !== JSON.stringify(fallback);
    });
  // Compare code units, because the order of a locale depends on the machine.
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
