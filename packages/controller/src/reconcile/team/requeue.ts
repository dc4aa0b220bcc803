/** Node.js timers hold at most 24 days, and fire at once if they are given more. */
const LONGEST_DELAY_MS = 6 * 3_600_000;

/**
 * @param time and `now`: ms since the epoch.
 * @returns after how many ms to reconcile something that changes at a time; 0 if the time has passed.
 */
export function requeueAfter(time: number, now: number): number {
  return Math.min(Math.max(0, time - now), LONGEST_DELAY_MS);
}
