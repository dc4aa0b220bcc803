/** Characters that a reader does not see: spaces, control characters, and those that have no width or no meaning. */
const UNSEEN = '\\s\\p{C}\\p{Default_Ignorable_Code_Point}';

/**
 * Matches the `<` of an element's tags in the spellings that a model may take for it: with spaces and invisible
 * characters, and with anything but letters and digits in place of a hyphen. Agents choose the texts, so nothing in the
 * pattern divides a run of characters in two ways: its time is linear.
 * @param name lower-case letters and hyphens.
 */
export function elementStart(name: string): RegExp {
  const words = name.split('-').map((word) => [...word].join(`[${UNSEEN}]*`));
  const between = '[\\p{Default_Ignorable_Code_Point}[^\\p{L}\\p{N}<>]]*';
  return new RegExp(`<(?=[\\/${UNSEEN}]*${words.join(between)})`, 'giv');
}
