/** Requests that cost nothing which an agent may send in a row. Claude Code sends a few in an hour. */
const BURST = 100;
/** Milliseconds after which one more is allowed. */
const EVERY_MS = 1000;

/**
 * Limits how fast an agent sends requests that cost nothing: those that the provider refuses, token counts, and
 * questions about models. No budget ends a flood of them, and they use up the rate limits of an account that other
 * agents and teams share.
 */
export class FreeRequests {
  #left: number = BURST;
  #at: number = performance.now();

  /** Milliseconds until the agent may send a request; 0 if it may now. */
  get waitMs(): number {
    this.#refill();
    return this.#left >= 1 ? 0 : Math.ceil((1 - this.#left) * EVERY_MS);
  }

  /** Counts a request that cost nothing. */
  count(): void {
    this.#refill();
    this.#left -= 1;
  }

  #refill(): void {
    const now = performance.now();
    this.#left = Math.min(BURST, this.#left + (now - this.#at) / EVERY_MS);
    this.#at = now;
  }
}
