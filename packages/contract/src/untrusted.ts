/** Values that somebody else has written, and who may have written anything. */

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

// Controls other than line feed and tab, separators, and the marks that reorder a line.
const CONTROLS = /(?![\n\t])[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

/**
 * Text without control characters, of at most so many characters. It is well-formed Unicode: the API
 * server replaces half a surrogate pair, and what it stores would never equal what was written.
 */
export function plainText(text: string, longest: number): string {
  const short = text.length <= longest ? text : `${text.slice(0, longest - 1)}…`;
  return short.toWellFormed().replace(CONTROLS, '');
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;

/** A time as Kubernetes writes and accepts it (RFC 3339), or nothing. */
export function time(value: unknown): string | undefined {
  if (typeof value !== 'string' || !TIME.test(value)) return undefined;
  const at = new Date(value);
  // Dates that do not exist are moved on by the parser, and refused by the API server.
  if (Number.isNaN(at.getTime())) return undefined;
  return isRealDay(value) ? value : undefined;
}

function isRealDay(value: string): boolean {
  const day = value.slice(0, 10);
  const parsed = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(day);
}
