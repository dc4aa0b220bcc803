import { pad, width } from './columns.ts';

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
}

/** Lines of a table as kubectl prints them: capitals on top, three spaces between, no rules. */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): readonly string[] {
  const widths = columns.map((column, index) =>
    Math.max(width(column.title), ...rows.map((row) => width(row[index] ?? ''))),
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
