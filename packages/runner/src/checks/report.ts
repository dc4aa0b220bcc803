import { shownCommand } from '../quality-gates/check.ts';
import type { CheckResult } from './run.ts';

/** One line for each check, for the output parameter and the pull request. */
export function checkLines(results: readonly CheckResult[]): string {
  return results
    .map(({ check, passed, detail }) => {
      const what = check.kind === 'validation' ? 'validation script' : shownCommand(check);
      return `${passed ? 'passed' : 'FAILED'}  ${check.kind}: ${what} (${check.foundIn}; ${detail})`;
    })
    .join('\n');
}
