import { startOf } from './start-of.ts';

/** Room for the note at the cut, in characters. */
const NOTE = 40;

/** Shortens a text to `most` characters, and notes how many were left out. A text that fits stays unchanged. */
export function cutText(text: string, most: number): string {
  if (text.length <= most) return text;
  // Do not keep half of a surrogate pair.
  const kept = startOf(text, Math.max(0, most - NOTE)).replace(/[\uD800-\uDBFF]$/, '');
  return `${kept}\n… (${text.length - kept.length} characters left out)`;
}

/**
 * Shortens texts so that together they have at most `most` characters. The longest texts are cut, all to the
 * same length, and no shorter than necessary.
 */
export function cutTexts(texts: readonly string[], most: number): readonly string[] {
  let room = most;
  let share = most;
  const shortestFirst = texts.map(({ length }) => length).toSorted((a, b) => a - b);
  for (const [index, length] of shortestFirst.entries()) {
    share = Math.floor(room / (texts.length - index));
    if (length > share) break;
    room -= length;
  }
  return texts.map((text) => cutText(text, share));
}
