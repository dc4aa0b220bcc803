/** What the note at a cut takes. */
const NOTE = 40;

/** A text that must fit: its beginning, and how much was left out. One that was cut already stays. */
export function cutText(text: string, most: number): string {
  if (text.length <= most) return text;
  // Half of a surrogate pair is not a character.
  const kept = text.slice(0, Math.max(0, most - NOTE)).replace(/[\uD800-\uDBFF]$/, '');
  return `${kept}\n… (${text.length - kept.length} characters left out)`;
}

/**
 * Texts that must fit together: the longest are cut, all to the same length, and no shorter than
 * necessary.
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
