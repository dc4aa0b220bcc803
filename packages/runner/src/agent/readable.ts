const HIDDEN = /[\p{Cc}\p{Default_Ignorable_Code_Point}]/gu;

/** Removes invisible characters, and white space at both ends. */
export function visibleText(text: string): string {
  return text.replace(HIDDEN, '').trim();
}

/** Whether a text has at least one letter or digit. */
export function hasWords(text: string): boolean {
  return /[\p{L}\p{N}]/u.test(text.replace(HIDDEN, ''));
}
