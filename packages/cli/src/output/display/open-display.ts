import type { Context } from '../../context.ts';
import type { Display } from './display.ts';
import { jsonDisplay } from './json-display.ts';
import { lineDisplay } from './line-display.ts';
import { treeDisplay } from './tree-display.ts';

/**
 * A tree that is redrawn on a terminal that can do so and tells its size, lines elsewhere, JSON where a
 * program reads.
 * @param answers whether keys answer gates.
 */
export function openDisplay(context: Context, json: boolean, answers: boolean): Display {
  if (json) return jsonDisplay(context);
  const { out, env } = context;
  const redraws = out.isTTY && env['TERM'] !== 'dumb' && out.columns > 0 && out.rows > 0;
  return redraws ? treeDisplay(context, answers) : lineDisplay(context);
}
