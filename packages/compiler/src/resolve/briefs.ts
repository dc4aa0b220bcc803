/**
 * Characters of all prompts together where the prompts of others are told. Each agent is told its own as a
 * whole. An environment variable holds 128 KiB, and a character may take six bytes in it.
 */
const MOST_CHARACTERS = 16_000;

/** Prompts for those who have other work to do: the longest are cut, and say so. */
export function briefs(prompts: readonly string[]): readonly string[] {
  let room = MOST_CHARACTERS;
  let share = MOST_CHARACTERS;
  const shortestFirst = prompts.map(({ length }) => length).toSorted((a, b) => a - b);
  for (const [index, length] of shortestFirst.entries()) {
    share = Math.floor(room / (prompts.length - index));
    if (length > share) break;
    room -= length;
  }
  return prompts.map((prompt) => cut(prompt, share));
}

function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  // Half of a surrogate pair is not a character.
  const kept = text.slice(0, most).replace(/[\uD800-\uDBFF]$/, '');
  return `${kept}\n… (${text.length - kept.length} more characters)`;
}
