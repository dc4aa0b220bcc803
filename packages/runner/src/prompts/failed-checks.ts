import { indented } from './indented.ts';

/** A failed check: its line in the report, and the end of its output. */
export interface FailedCheck {
  readonly line: string;
  readonly output: string;
}

/** Asks the lead to fix failed checks. @param round the current round, counted from 1. */
export function fixFailedChecks(
  failed: readonly FailedCheck[],
  round: number,
  rounds: number,
): string {
  return [
    `The merged work fails its checks (round ${round} of ${rounds}). Fix it in your worktree, which is on the result branch. Your changes are committed for you when your turn ends.`,
    ...failed.map(({ line, output }) => `${line}\n${indented(output)}`),
  ].join('\n\n');
}
