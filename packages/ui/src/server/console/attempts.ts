/** Failed logins of one address, and all logins, within a minute. */
const MOST_FAILED = 20;
const MOST = 600;
const WINDOW_MS = 60_000;

/**
 * Limits how often somebody tries tokens, and how often this server asks the API server about tokens. Behind an
 * ingress that does not say where requests come from, many people have one address, so that only failures count
 * for it.
 */
export class Attempts {
  #since = 0;
  #all = 0;
  readonly #failed = new Map<string, number>();

  /** Counts an attempt. @returns false when there were too many in this minute. */
  take(address: string): boolean {
    const now = Date.now();
    if (now - this.#since >= WINDOW_MS) {
      this.#since = now;
      this.#all = 0;
      this.#failed.clear();
    }
    if (this.#all >= MOST || (this.#failed.get(address) ?? 0) >= MOST_FAILED) return false;
    this.#all += 1;
    return true;
  }

  failed(address: string): void {
    this.#failed.set(address, (this.#failed.get(address) ?? 0) + 1);
  }
}
