const UNITS: Readonly<Record<string, number>> = { d: 86_400, h: 3_600, m: 60, s: 1 };
const DURATION = /^(?:\d+[dhms])+$/;

/**
 * Reads a duration: `90m`, `1h30m`, `4h`, `45s`, `2d`.
 * @returns seconds, or undefined where the text is not a duration greater than zero.
 */
export function parseDuration(text: string): number | undefined {
  if (!DURATION.test(text)) return undefined;
  let seconds = 0;
  let last = Number.POSITIVE_INFINITY;
  for (const [, count = '', unit = ''] of text.matchAll(/(\d+)([dhms])/g)) {
    const size = UNITS[unit] ?? 0;
    // Units must go from large to small, each at most once: `30m1h` and `1h1h` are typing errors.
    if (size >= last) return undefined;
    last = size;
    seconds += Number(count) * size;
  }
  return seconds > 0 && Number.isSafeInteger(seconds) ? seconds : undefined;
}
