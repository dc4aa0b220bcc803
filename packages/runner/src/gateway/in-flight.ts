/** More is refused: an agent that floods gets errors, not memory. */
const LONGEST_QUEUE = 256;

/** Lets so many requests through at once and has the others wait in order. */
export class InFlight {
  readonly #most: number;
  #running = 0;
  #whenIdle: (() => void)[] = [];
  readonly #waiting: (() => void)[] = [];

  /** @param most bounds what a team can overspend: what is under way when the limit is reached. */
  constructor(most: number) {
    this.#most = most;
  }

  /** @returns what ends the request's turn, or `undefined` when too many wait. */
  async enter(): Promise<(() => void) | undefined> {
    if (this.#running >= this.#most) {
      if (this.#waiting.length >= LONGEST_QUEUE) return undefined;
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

  /** Resolves when no request is under way, its accounting included. */
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
