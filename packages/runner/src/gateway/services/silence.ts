/** A service takes too long. The message follows the service's name. */
export class TimeoutError extends Error {
  override readonly name: string = 'TimeoutError';
}

const CONNECT_MS = 30_000;
/** An API may compute for minutes before it answers. */
const SILENCE_MS = 5 * 60_000;

/** Breaks off an exchange with a service in which nothing moves in either direction. */
export class Silence {
  readonly #abort: AbortController = new AbortController();
  #timer: NodeJS.Timeout;

  constructor() {
    this.#timer = this.#in(CONNECT_MS, 'accepts no connection');
  }

  /** Aborts with a TimeoutError. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  connected(): void {
    clearTimeout(this.#timer);
    this.#timer = this.#in(SILENCE_MS, 'does not answer');
  }

  heard(): void {
    this.#timer.refresh();
  }

  end(): void {
    clearTimeout(this.#timer);
  }

  #in(ms: number, what: string): NodeJS.Timeout {
    const message = `${what} for ${ms / 1000} seconds`;
    return setTimeout(() => this.#abort.abort(new TimeoutError(message)), ms);
  }
}
