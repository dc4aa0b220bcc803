import { createHash } from 'node:crypto';
import { agentTeamSchema, type Schema } from '@agentteam/api';

/**
 * SHA-256 of a team's spec, in hexadecimal: it tells whether two specs ask for the same. The order of
 * keys does not matter. Values that are the defaults of their fields are left out, so that votes stay
 * valid when a newer CRD adds a field with a default.
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
  // By code units: the order of a locale is the machine's.
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
