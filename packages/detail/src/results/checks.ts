import type { CheckDetail } from './results-detail.ts';

const MOST_CHECKS = 64;

/**
 * Reads the lines that the step `Checks` writes, one for each quality gate: `passed  test: npm test
 * (package.json; 3 s)`. The checked code may have written them itself, so any line may occur.
 */
export function checksIn(lines: string): readonly CheckDetail[] {
  return lines
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(0, MOST_CHECKS)
    .map((line) => {
      const [, result, name, rest] = /^(passed|FAILED) {2}([a-z]+): (.*)$/.exec(line) ?? [];
      if (result === undefined || name === undefined || rest === undefined) {
        return { name: '', command: line, ok: false };
      }
      const ok = result === 'passed';
      const at = rest.lastIndexOf(' (');
      if (at < 0 || !rest.endsWith(')')) return { name, command: rest, ok };
      return { name, command: rest.slice(0, at), ok, detail: rest.slice(at + 2, -1) };
    });
}
