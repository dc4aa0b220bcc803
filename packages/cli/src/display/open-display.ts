import type { Context } from '../context.ts';
import type { Display } from './display.ts';
import { jsonDisplay } from './json-display.ts';
import { lineDisplay } from './line-display.ts';
import { treeDisplay } from './tree-display.ts';

/**
 * A tree that is redrawn on a terminal, lines where nobody redraws, JSON where a program reads.
 * @param answers whether keys answer gates.
 */
export function openDisplay(context: Context, json: boolean, answers: boolean): Display {
  if (json) return jsonDisplay(context);
  return context.out.isTTY ? treeDisplay(context, answers) : lineDisplay(context);
}
