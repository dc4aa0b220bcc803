import cliTruncate from 'cli-truncate';
import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';

/** Truncates text to at most `columns`. The last column of truncated text is `…`. */
export function fit(text: string, columns: number): string {
  return cliTruncate(text, columns);
}

/** Pads text with spaces to `columns`. */
export function pad(text: string, columns: number, side: 'left' | 'right' = 'right'): string {
  const space = ' '.repeat(Math.max(0, columns - stringWidth(text)));
  return side === 'right' ? `${text}${space}` : `${space}${text}`;
}

/**
 * Wraps text at spaces. Wrapped lines keep the indentation of their first line; a word that is longer
 * than the line is not broken.
 */
export function wrap(text: string, columns: number): readonly string[] {
  return text.split('\n').flatMap((paragraph) => {
    const content = paragraph.trimStart();
    const indent = paragraph.slice(0, paragraph.length - content.length);
    return wrapAnsi(content, Math.max(1, columns - indent.length))
      .split('\n')
      .map((line) => `${indent}${line}`);
  });
}
