import { isRecord } from '@agentteam/contract';

const MOST_HUNKS = 64;
const MOST_LINES = 800;
const LONGEST_LINE = 1000;

/**
 * Reads the change that Claude Code 2.1.330 records with the result of Edit and Write. An agent can write it
 * itself.
 * @returns hunks with `@@` lines; undefined if the tool changed no existing file.
 */
export function patchOf(result: unknown): string | undefined {
  if (!isRecord(result) || !Array.isArray(result['structuredPatch'])) return undefined;
  const lines = result['structuredPatch'].slice(0, MOST_HUNKS).flatMap((hunk: unknown) => {
    if (!isRecord(hunk) || !Array.isArray(hunk['lines'])) return [];
    const before = range(hunk['oldStart'], hunk['oldLines']);
    const after = range(hunk['newStart'], hunk['newLines']);
    return [`@@ -${before} +${after} @@`, ...hunk['lines'].slice(0, MOST_LINES).filter(isText)];
  });
  if (lines.length === 0) return undefined;
  return lines
    .slice(0, MOST_LINES)
    .map((line) => line.slice(0, LONGEST_LINE))
    .join('\n');
}

/** Objects cannot always be converted: JSON can replace their `toString`. */
function range(start: unknown, count: unknown): string {
  return [start, count].map((one) => (typeof one === 'number' ? one : 0)).join();
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
