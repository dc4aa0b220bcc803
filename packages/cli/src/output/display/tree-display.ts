import { createLogUpdate } from 'log-update';
import stringWidth from 'string-width';
import type { Context } from '../../context.ts';

import { renderTree } from '../view/render-tree.ts';
import type { TeamView } from '../view/team-view.ts';
import type { Display } from './display.ts';

/** Size of a terminal that does not report its size. */
const DEFAULT_COLUMNS = 80;
const DEFAULT_ROWS = 24;

export function treeDisplay(context: Context, answers: boolean): Display {
  const { out, colors } = context;
  const screen = createLogUpdate(out);
  let shown: { readonly lines: readonly string[]; readonly columns: number } | undefined;
  let latest: TeamView | undefined;
  let rejecting: string | undefined;
  const draw = (): void => {
    if (latest === undefined) return;
    const view = latest;
    const columns = out.columns || DEFAULT_COLUMNS;
    const size = { columns: columns - 1, rows: (out.rows || DEFAULT_ROWS) - 1 };
    const isRejecting = rejecting !== undefined && rejecting === view.gates[0]?.event;
    const keys = !answers ? 'none' : isRejecting ? 'confirm-reject' : 'ask';
    const tree = renderTree(view, size, colors, keys);
    if (shown !== undefined && columns < shown.columns) {
      out.write(clearWrapped(shown.lines, columns));
    }
    screen(tree);
    shown = { lines: tree.split('\n'), columns };
  };
  return {
    update: (view) => {
      latest = view;
      draw();
    },
    confirmReject: (event) => {
      rejecting = event;
      draw();
    },
    note: (text) => {
      screen.persist(text);
      shown = undefined;
    },
    leave: () => {
      screen.done();
      shown = undefined;
    },
    end: () => screen.done(),
  };
}

/**
 * Escape sequence for a terminal that has become narrower and has therefore wrapped the lines: moves the
 * cursor up by the number of additional lines and clears the screen below it.
 */
function clearWrapped(lines: readonly string[], columns: number): string {
  const extra = lines.reduce(
    (sum, line) => sum + Math.max(1, Math.ceil(stringWidth(line) / columns)) - 1,
    0,
  );
  return extra === 0 ? '' : `\u001b[${extra}A\u001b[J`;
}
