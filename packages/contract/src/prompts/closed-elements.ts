/**
 * The text up to the last end of an element. A regular expression that finds elements takes quadratic time for
 * text with many that are never closed; in the returned text, each one is followed by an end.
 * @param end what ends an element, for example `</paths>`.
 */
export function closedElements(text: string, end: string): string {
  const last = text.lastIndexOf(end);
  return last < 0 ? '' : text.slice(0, last + end.length);
}
