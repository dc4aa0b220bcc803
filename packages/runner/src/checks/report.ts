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

/** The message that asks the lead to fix failed checks. */
export function failureMessage(
  failed: readonly CheckResult[],
  round: number,
  rounds: number,
): string {
  const details = failed.map((result) => `${checkLines([result])}\n${indented(result.output)}`);
  return [
    `The merged work fails its checks (round ${round} of ${rounds}). Fix it in your worktree, which is on the result branch. Your changes are committed for you when your turn ends.`,
    ...details,
  ].join('\n\n');
}

function indented(text: string): string {
  return text
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n');
}
