import { createLogUpdate } from 'log-update';
import type { Context } from '../context.ts';
import { renderTree } from '../view/render-tree.ts';
import type { Display } from './display.ts';

export function treeDisplay(context: Context, answers: boolean): Display {
  const screen = createLogUpdate(context.out);
  return {
    update: (view) => {
      screen(renderTree(view, (context.out.columns ?? 80) - 1, context.colors, answers));
    },
    note: (text) => screen.persist(text),
    end: () => screen.done(),
  };
}
