import { indented } from './indent.ts';

export interface FailedCheck {
  /** The check and why it failed, on one line. */
  readonly line: string;
  /** What the check printed. */
  readonly output: string;
}

/** Asks the lead to fix failed checks. */
export function failedChecks(
  failed: readonly FailedCheck[],
  round: number,
  rounds: number,
): string {
  return [
    `The merged work fails its checks (round ${round} of ${rounds}). Fix it in your worktree, which is on the result branch. Your changes are committed for you when your turn ends.`,
    ...failed.map(({ line, output }) => `${line}\n${indented(output)}`),
  ].join('\n\n');
}
