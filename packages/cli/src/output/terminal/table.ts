import stringWidth from 'string-width';
import { pad } from './columns.ts';

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
}

/** Formats a table in the style of kubectl: titles in capitals, columns separated by three spaces. */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): readonly string[] {
  const widths = columns.map((column, index) =>
    Math.max(stringWidth(column.title), ...rows.map((row) => stringWidth(row[index] ?? ''))),
  );
  const line = (cells: readonly string[]): string =>
    columns
      .map(({ align }, index) =>
        pad(cells[index] ?? '', widths[index] ?? 0, align === 'right' ? 'left' : 'right'),
      )
      .join('   ')
      .trimEnd();
  return [line(columns.map(({ title }) => title)), ...rows.map(line)];
}
