/** Puts a text on one line: every run of white space becomes a space. */
export function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

/** Shortens a text to `most` characters. The mark `…` ends a shortened text. */
export function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  const end = most - 1;
  // Do not cut between the halves of a surrogate pair.
  const whole = /[\uD800-\uDBFF]/.test(text.charAt(end - 1)) ? end - 1 : end;
  return `${text.slice(0, Math.max(0, whole))}…`;
}

/** Breaks lines that are longer than `width`, between words if possible. */
export function fold(text: string, width: number): string {
  return text
    .split('\n')
    .flatMap((line) => folded(line, width))
    .join('\n');
}

function folded(line: string, width: number): readonly string[] {
  const lines: string[] = [];
  let rest = line;
  while (rest.length > width) {
    const space = rest.lastIndexOf(' ', width);
    const end = space > width / 2 ? space : endWithin(rest, width);
    lines.push(rest.slice(0, end));
    rest = rest.slice(space === end ? end + 1 : end);
  }
  return [...lines, rest];
}

function endWithin(text: string, width: number): number {
  return /[\uD800-\uDBFF]/.test(text.charAt(width - 1)) ? width - 1 : width;
}
