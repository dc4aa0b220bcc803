import { stripVTControlCharacters } from 'node:util';

// Controls other than the line feed, separators, and the marks that reorder a line: text from an
// agent, a file name or a mail must not move the cursor or hide what follows it.
const UNSAFE = /(?!\n)[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

/** Text of unknown origin, made safe to print. Line feeds stay; tabs become spaces. */
export function safe(text: string): string {
  return stripVTControlCharacters(text.replaceAll('\r\n', '\n'))
    .replaceAll('\t', '  ')
    .replace(UNSAFE, '');
}

/** The same on one line, runs of white space made one. */
export function oneLine(text: string): string {
  return safe(text).replace(/\s+/g, ' ').trim();
}
