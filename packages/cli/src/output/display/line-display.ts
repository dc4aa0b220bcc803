import { type Context, print } from '../../context.ts';
import { changeLine } from '../view/change-line.ts';
import { changes } from '../view/changes.ts';
import { confirmation } from '../view/render-tree.ts';
import type { TeamView } from '../view/team-view.ts';
import type { Display } from './display.ts';

export function lineDisplay(context: Context): Display {
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
    end: () => {},
  };
}
