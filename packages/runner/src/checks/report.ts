import { shownCommand } from './check.ts';
import type { CheckResult } from './run.ts';

/** One line for each check: for the output parameter and the pull request. */
export function checkLines(results: readonly CheckResult[]): string {
  return results
    .map(({ check, passed, how }) => {
      const what = check.kind === 'validation' ? 'validation script' : shownCommand(check);
      return `${passed ? 'passed' : 'FAILED'}  ${check.kind}: ${what} (${check.foundIn}; ${how})`;
    })
    .join('\n');
}

/** For the lead: what failed, and what it printed. */
export function failureMessage(
  failed: readonly CheckResult[],
  round: number,
  rounds: number,
): string {
  const details = failed.map((result) => `${checkLines([result])}\n${indented(result.output)}`);
  return [
    `The merged work does not pass its checks (round ${round} of ${rounds}). Put it right in your worktree, which is on the result branch; what you change is committed for you when your turn ends.`,
    ...details,
  ].join('\n\n');
}

function indented(text: string): string {
  return text
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n');
}
