import { LIMITS } from './limits.ts';

export { isRecord } from '@agentteam/contract';

/**
 * @param mostValues how many members of arrays and objects it may have. A megabyte of `[],[],…` would
 * take thirty in memory.
 * @returns `undefined` for text that is not JSON, that has more values than that, or that is nested so
 * deeply that writing it again would fail.
 */
export function parseJson(text: string, mostValues: number = LIMITS.jsonValues): unknown {
  if (!isModest(text, mostValues)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Whether it has few enough commas, and no bracket inside of more than {@link LIMITS.jsonDepth} others. */
function isModest(text: string, mostValues: number): boolean {
  let depth = 0;
  let commas = 0;
  for (let index = 0; index < text.length; index += 1) {
    switch (text.charCodeAt(index)) {
      case QUOTE:
        index = endOfString(text, index);
        break;
      case OPEN_ARRAY:
      case OPEN_OBJECT:
        depth += 1;
        if (depth > LIMITS.jsonDepth) return false;
        break;
      case CLOSE_ARRAY:
      case CLOSE_OBJECT:
        depth -= 1;
        break;
      case COMMA:
        commas += 1;
        if (commas > mostValues) return false;
        break;
    }
  }
  return true;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** Where the string ends that begins at `start`; the text's end where it does not. */
function endOfString(text: string, start: number): number {
  for (let end = start; ; ) {
    end = text.indexOf('"', end + 1);
    if (end < 0) return text.length;
    let backslashes = 0;
    while (text.charCodeAt(end - 1 - backslashes) === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return end;
  }
}
