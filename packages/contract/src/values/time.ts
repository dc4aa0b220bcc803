const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;

/** @returns the time if it has the form that Kubernetes writes and accepts (RFC 3339); otherwise undefined. */
export function readTime(value: unknown): string | undefined {
  if (typeof value !== 'string' || !TIME.test(value)) return undefined;
  const at = new Date(value);
  if (Number.isNaN(at.getTime())) return undefined;
  // JavaScript reads February 30 as March 2; the API server refuses it.
  return isRealDay(value) ? value : undefined;
}

function isRealDay(value: string): boolean {
  const day = value.slice(0, 10);
  const parsed = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(day);
}

/**
 * A time without fractions of a second, as Kubernetes and Argo write theirs: `2026-11-29T14:00:20Z`.
 * @param time ISO 8601 in UTC.
 */
export function wholeSeconds(time: string | Date): string {
  const text = typeof time === 'string' ? time : time.toISOString();
  return text.replace(/\.\d+Z$/, 'Z');
}

/**
 * A time for a text without a time zone of its own: `2026-11-29 14:00:20 UTC`.
 * @param time ISO 8601.
 */
export function utcTime(time: string): string {
  return `${new Date(time).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
