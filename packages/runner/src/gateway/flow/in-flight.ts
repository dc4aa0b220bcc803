/** Further requests are refused, so that a flood of them cannot use up memory. */
const MAX_QUEUE = 256;

/** Limits the number of concurrent requests. The others wait in order. */
export class InFlight {
  readonly #limit: number;
  #running = 0;
  #whenIdle: (() => void)[] = [];
  readonly #waiting: (() => void)[] = [];

  /** @param limit bounds the overspending: requests that are open when a budget limit is reached. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** @returns a function that ends the request's turn; `undefined` when too many are waiting. */
  async enter(): Promise<(() => void) | undefined> {
    if (this.#running >= this.#limit) {
      if (this.#waiting.length >= MAX_QUEUE) return undefined;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else {
      this.#running += 1;
    }
    let left = false;
    return () => {
      if (left) return;
      left = true;
      const next = this.#waiting.shift();
      if (next) next();
      else this.#leave();
    };
  }

  /** Resolves when no request is open, and all are accounted for. */
  async idle(): Promise<void> {
    if (this.#running > 0) await new Promise<void>((resolve) => this.#whenIdle.push(resolve));
  }

  #leave(): void {
    this.#running -= 1;
    if (this.#running > 0) return;
    for (const resolve of this.#whenIdle) resolve();
    this.#whenIdle = [];
  }
}
