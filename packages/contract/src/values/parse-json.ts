/** Levels of nesting. */
const DEEPEST = 64;
/** Members of all arrays and objects. */
const MOST_VALUES = 100_000;

/**
 * Parses JSON that anybody may have written, such as an agent.
 * @param maxValues the maximum number of members of all arrays and objects. A megabyte of `[],[],…` would
 *   take thirty megabytes of memory.
 * @returns `undefined` for text that is not JSON, has more values, or is nested too deeply to be written
 *   again.
 */
export function parseJson(text: string, maxValues: number = MOST_VALUES): unknown {
  if (!isWithinLimits(text, maxValues)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Counts commas and open brackets without parsing the text. */
function isWithinLimits(text: string, maxValues: number): boolean {
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
        if (depth > DEEPEST) return false;
        break;
      case CLOSE_ARRAY:
      case CLOSE_OBJECT:
        depth -= 1;
        break;
      case COMMA:
        commas += 1;
        if (commas > maxValues) return false;
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

/** The index of the quote that ends the string at `start`, or the end of the text. */
function endOfString(text: string, start: number): number {
  for (let end = start; ; ) {
    end = text.indexOf('"', end + 1);
    if (end < 0) return text.length;
    let backslashes = 0;
    while (text.charCodeAt(end - 1 - backslashes) === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return end;
  }
}
