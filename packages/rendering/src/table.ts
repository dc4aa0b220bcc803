const MOST_ROWS = 100;
const MOST_COLUMNS = 30;

/**
 * Reads the beginning of a CSV file, with the quotes of RFC 4180. The first row is the head. A cell with a
 * line end is cut there.
 */
export function tableOf(csv: string): readonly (readonly string[])[] {
  return csv
    .split(/\r?\n/)
    .filter((line) => line !== '')
    .slice(0, MOST_ROWS)
    .map((line) => cells(line).slice(0, MOST_COLUMNS));
}

function cells(line: string): readonly string[] {
  const found = line.match(/("(?:[^"]|"")*"?|[^,]*)(?:,|$)/g) ?? [];
  return found
    .slice(0, -1 + Number(line.endsWith(',')) || undefined)
    .map((cell) => cell.replace(/,$/, ''))
    .map((cell) =>
      cell.startsWith('"') ? cell.replace(/^"|"$/g, '').replaceAll('""', '"') : cell,
    );
}
