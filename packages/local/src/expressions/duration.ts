const UNITS: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1, ms: 0.001 };
const PART = /(\d+(?:\.\d+)?)(h|ms|m|s)/g;

/**
 * Parses a duration as Argo does: a number of seconds, or Go's notation (`1h30m`, `45s`).
 * @throws SyntaxError for anything else.
 */
export function secondsOf(duration: string): number {
  if (/^\d+$/.test(duration)) return Number(duration);
  if (!/^(\d+(\.\d+)?(h|ms|m|s))+$/.test(duration)) {
    throw new SyntaxError(`"${duration}" is not a duration`);
  }
  let seconds = 0;
  for (const [, number, unit = ''] of duration.matchAll(PART)) {
    seconds += Number(number) * (UNITS[unit] ?? 0);
  }
  return seconds;
}
