/**
 * Matches the `<` of an element's tags in the spellings that a model may take for it: with spaces and invisible
 * characters, and with any hyphen. Agents choose the texts, so nothing in the pattern divides a run of characters
 * in two ways: its time is linear.
 * @param name lower-case letters and hyphens.
 */
export function elementStart(name: string): RegExp {
  const hidden = '\\p{Default_Ignorable_Code_Point}';
  const letters = [...name].map((letter) => (letter === '-' ? '[\\p{Pd}_\\s]' : letter));
  return new RegExp(`<(?=[\\s/${hidden}]*${letters.join(`${hidden}*`)})`, 'giu');
}
