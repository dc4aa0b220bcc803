import { type Context, note, print, printJson } from '../../context.ts';
import { changeLine } from '../view/change-line.ts';
import { changes } from '../view/changes.ts';
import { confirmation } from '../view/request-lines.ts';
import type { TeamView } from '../view/team-view.ts';
import type { Display } from './display.ts';
import { treeDisplay } from './tree-display.ts';

/**
 * Chooses a display: JSON if requested, a tree that is redrawn on a capable terminal, otherwise lines.
 * @param answers whether keys answer gates.
 */
export function openDisplay(context: Context, json: boolean, answers: boolean): Display {
  if (json) return jsonDisplay(context);
  const { out, env } = context;
  const canRedraw = out.isTTY && env['TERM'] !== 'dumb' && out.columns > 0 && out.rows > 0;
  return canRedraw ? treeDisplay(context, answers) : lineDisplay(context);
}

/** Prints each change as a JSON object on a line: `{"at", "run", "event", …}`, see {@link changes}. */
function jsonDisplay(context: Context): Display {
  let before: TeamView | undefined;
  return {
    update: (view) => {
      for (const change of changes(before, view)) {
        printJson(context, { at: new Date().toISOString(), run: view.run, ...change }, 0);
      }
      before = view;
    },
    confirmReject: () => {},
    note: (text) => note(context, text),
    leave: () => {},
    end: () => {},
  };
}

/** Prints each change as a line of text. */
function lineDisplay(context: Context): Display {
  let before: TeamView | undefined;
  return {
    update: (view) => {
      print(context, ...changes(before, view).map((change) => changeLine(change, view)));
      before = view;
    },
    confirmReject: (event) => {
      if (event !== undefined) print(context, `? ${confirmation(event)}`);
    },
    note: (text) => print(context, text),
    leave: () => {},
    end: () => {},
  };
}
