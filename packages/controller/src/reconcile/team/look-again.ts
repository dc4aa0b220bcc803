/** A timer of Node's holds 24 days at most, and fires at once when it is given more. */
const LONGEST_PAUSE_MS = 6 * 3_600_000;

/**
 * @param time and `now`: ms since the epoch.
 * @returns in how many ms to look again at what changes at a time; 0 where that has passed.
 */
export function lookAgainAt(time: number, now: number): number {
  return Math.min(Math.max(0, time - now), LONGEST_PAUSE_MS);
}
