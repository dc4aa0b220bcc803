import { type Document, isMap, isNode, type LineCounter } from 'yaml';
import type { ScriptProblem } from './problem.ts';

export interface Place {
  readonly line: number;
  readonly column: number;
}

/** Where a path stands in the text; the nearest parent that is there, if it is not. */
export type Locate = (path: ScriptProblem['path']) => Place;

export function locator(document: Document, lines: LineCounter): Locate {
  return (path) => {
    for (let depth = path.length; depth >= 0; depth -= 1) {
      const offset = offsetOf(document, path.slice(0, depth));
      if (offset === undefined) continue;
      const { line, col } = lines.linePos(offset);
      return { line, column: col };
    }
    return { line: 1, column: 1 };
  };
}

/** The key of a path's last part, so that a caret stands under the field's name. */
function offsetOf(document: Document, path: ScriptProblem['path']): number | undefined {
  const key = path.at(-1);
  if (key === undefined) {
    return isNode(document.contents) ? document.contents.range?.[0] : undefined;
  }
  const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  if (isMap(parent)) {
    const pair = parent.items.find(({ key: node }) => isNode(node) && String(node) === String(key));
    return isNode(pair?.key) ? pair.key.range?.[0] : undefined;
  }
  const node = document.getIn(path, true);
  return isNode(node) ? node.range?.[0] : undefined;
}
