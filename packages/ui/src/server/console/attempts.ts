/** Attempts of one address, and of all together, within a minute. */
const MOST_OF_ONE = 10;
const MOST_OF_ALL = 300;
const WINDOW_MS = 60_000;

/** Limits how often somebody tries to log in, and how often this server asks the API server for it. */
export class Attempts {
  #since = 0;
  #all = 0;
  readonly #byAddress = new Map<string, number>();

  /** Counts an attempt. @returns false when there were too many in this minute. */
  take(address: string): boolean {
    const now = Date.now();
    if (now - this.#since >= WINDOW_MS) {
      this.#since = now;
      this.#all = 0;
      this.#byAddress.clear();
    }
    const own = (this.#byAddress.get(address) ?? 0) + 1;
    // Refused attempts are not stored, so that there are at most as many addresses as attempts.
    if (own > MOST_OF_ONE || this.#all >= MOST_OF_ALL) return false;
    this.#byAddress.set(address, own);
    this.#all += 1;
    return true;
  }
}
