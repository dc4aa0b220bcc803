/**
 * The first characters of a text, as a text of its own. In V8, a part of a text refers to the whole and keeps it in
 * memory (measured with Node 24), so use this for what is kept of texts that somebody else may have made long.
 */
export function startOf(text: string, most: number): string {
  return text.length <= most ? text : (JSON.parse(JSON.stringify(text.slice(0, most))) as string);
}
