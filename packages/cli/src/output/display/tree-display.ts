import { createLogUpdate } from 'log-update';
import type { Context } from '../../context.ts';
import { width } from '../terminal/columns.ts';
import { renderTree } from '../view/render-tree.ts';
import type { TeamView } from '../view/team-view.ts';
import type { Display } from './display.ts';

/** What a terminal is taken for that does not tell its size. */
const COLUMNS = 80;
const ROWS = 24;

export function treeDisplay(context: Context, answers: boolean): Display {
  const { out, colors } = context;
  const screen = createLogUpdate(out);
  let shown: { readonly lines: readonly string[]; readonly columns: number } | undefined;
  let latest: TeamView | undefined;
  let rejected: string | undefined;
  const draw = (): void => {
    if (latest === undefined) return;
    const view = latest;
    const columns = out.columns || COLUMNS;
    const size = { columns: columns - 1, rows: (out.rows || ROWS) - 1 };
    const isAsked = rejected !== undefined && rejected === view.gates[0]?.event;
    const keys = !answers ? 'none' : isAsked ? 'confirm-reject' : 'ask';
    const tree = renderTree(view, size, colors, keys);
    if (shown !== undefined && columns < shown.columns) out.write(unwrap(shown.lines, columns));
    screen(tree);
    shown = { lines: tree.split('\n'), columns };
  };
  return {
    update: (view) => {
      latest = view;
      draw();
    },
    confirmReject: (event) => {
      rejected = event;
      draw();
    },
    note: (text) => {
      screen.persist(text);
      shown = undefined;
    },
    end: () => screen.done(),
  };
}

/**
 * A terminal that became narrower has wrapped the lines: takes the cursor to where the last of them would
 * be if it had not, and clears what lies below.
 */
function unwrap(lines: readonly string[], columns: number): string {
  const wrapped = lines.map((line) => Math.max(1, Math.ceil(width(line) / columns)) - 1);
  const extra = wrapped.reduce((sum, count) => sum + count, 0);
  return extra === 0 ? '' : `\u001b[${extra}A\u001b[J`;
}
