const FAILED: readonly string[] = ['Failed', 'TimedOut', 'BudgetExceeded'];

/** Whether a team or a run in this phase has ended without success. */
export function isFailedPhase(phase: string | undefined): boolean {
  return phase !== undefined && FAILED.includes(phase);
}

/** Whether a team or a run in this phase has ended. */
export function isEnded(phase: string | undefined): boolean {
  return phase === 'Completed' || isFailedPhase(phase);
}
