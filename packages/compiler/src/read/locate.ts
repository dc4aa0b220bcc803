import { type Document, isMap, isNode, isPair, isScalar, type LineCounter } from 'yaml';
import type { Problem } from '../problem.ts';

/** Finds a path's position in the text, or that of its nearest parent that exists. */
export type Locate = (path: Problem['path']) => { readonly line: number; readonly column: number };

/** @param lines the counter that the document was parsed with. */
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

/** Completes a problem with its position. Its hint then has a number as the text has it: 1.10 is not the text 1.1. */
export function inText(problem: Problem, document: Document, locate: Locate): Problem {
  const { code, path, message, hint } = problem;
  const found = { ...problem, ...locate(path) };
  const node = document.getIn(path, true);
  if (!isScalar(node) || typeof node.value !== 'number' || node.source === undefined) return found;
  if (code !== 'wrong-type' && code !== 'bad-name') return found;
  const [read, written] = [String(node.value), node.source];
  return {
    ...found,
    ...(hint !== undefined && { hint: hint.replaceAll(read, written) }),
    ...(code === 'bad-name' && { message: message.replaceAll(read, written) }),
  };
}

/** The position of the key of a path's last part, so that a caret points at the field's name. */
function offsetOf(document: Document, path: Problem['path']): number | undefined {
  const key = path.at(-1);
  if (key === undefined)
    return isNode(document.contents) ? document.contents.range?.[0] : undefined;
  const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  if (isMap(parent)) {
    const pair = parent.items.find(
      (item) => isPair(item) && isNode(item.key) && String(item.key) === String(key),
    );
    if (pair !== undefined) return isNode(pair.key) ? pair.key.range?.[0] : undefined;
  }
  const node = document.getIn(path, true);
  return isNode(node) ? node.range?.[0] : undefined;
}
