import type { Context } from '../context.ts';
import type { TeamView } from '../view/team-view.ts';
import { jsonDisplay } from './json-display.ts';
import { lineDisplay } from './line-display.ts';
import { treeDisplay } from './tree-display.ts';

/** Shows a team while it runs. */
export interface Display {
  /** The team as it is now. */
  update(view: TeamView): void;
  /** A line that stays. */
  note(text: string): void;
  /** The team has ended, or is left alone: leave the last state on the screen. */
  end(): void;
}

/**
 * A tree that is redrawn on a terminal, lines where nobody redraws, JSON where a program reads.
 * @param answers whether keys answer gates.
 */
export function openDisplay(context: Context, json: boolean, answers: boolean): Display {
  if (json) return jsonDisplay(context);
  return context.out.isTTY ? treeDisplay(context, answers) : lineDisplay(context);
}
