import stringWidth from 'string-width';

/** Columns that the text takes on a terminal; colour codes take none. */
export function width(text: string): number {
  return stringWidth(text);
}

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** Cuts plain text (no colour codes) to at most `columns`, the last of which shows that it was cut. */
export function fit(text: string, columns: number): string {
  if (columns <= 0) return '';
  if (width(text) <= columns) return text;
  let cut = '';
  let used = 0;
  for (const { segment } of graphemes.segment(text)) {
    const wide = width(segment);
    if (used + wide > columns - 1) break;
    cut += segment;
    used += wide;
  }
  return `${cut}…`;
}

/** Pads with spaces to `columns`. */
export function pad(text: string, columns: number, side: 'left' | 'right' = 'right'): string {
  const space = ' '.repeat(Math.max(0, columns - width(text)));
  return side === 'right' ? `${text}${space}` : `${space}${text}`;
}

/** Wraps plain text at spaces; a word longer than the line stays whole. */
export function wrap(text: string, columns: number): readonly string[] {
  return text.split('\n').flatMap((paragraph) => {
    const lines: string[] = [];
    let line = '';
    for (const word of paragraph.split(' ')) {
      if (line !== '' && width(line) + 1 + width(word) > columns) {
        lines.push(line);
        line = word;
      } else {
        line = line === '' ? word : `${line} ${word}`;
      }
    }
    return [...lines, line];
  });
}
