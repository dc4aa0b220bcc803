import { type Context, note, printJson } from '../../context.ts';
import { changes } from '../view/changes.ts';
import type { TeamView } from '../view/team-view.ts';
import type { Display } from './display.ts';

/** One JSON object a line: `{"at", "run", "event", …}`, as in {@link changes}. */
export function jsonDisplay(context: Context): Display {
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
    end: () => {},
  };
}
