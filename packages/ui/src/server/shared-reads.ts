/** Part of the interval after which a reading is done again, because timers fire a little early or late. */
const FRESH = 0.8;
/** Readings that are kept. */
const MOST = 32;
/** How long a reading may take. A connection that hangs must not stop all pages. */
const LONGEST_MS = 60_000;

interface Reading {
  readonly result: Promise<unknown>;
  /** Milliseconds since the process began: when the result is too old. */
  until: number;
}

/**
 * What all pages of one person read again and again: each thing is read once in an interval, however many pages
 * show it.
 */
export class SharedReads {
  readonly #freshMs: number;
  readonly #signal: AbortSignal;
  readonly #readings = new Map<string, Reading>();

  /**
   * @param intervalMs milliseconds between two readings of a page.
   * @param signal aborted when the person's access has ended. A page that is closed does not end the reading of others.
   */
  constructor(intervalMs: number, signal: AbortSignal) {
    this.#freshMs = FRESH * intervalMs;
    this.#signal = signal;
  }

  /**
   * Reads something, unless somebody is reading it or has just read it. Failures are shared, too.
   * @param key names what is read.
   */
  read<T>(key: string, read: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const known = this.#readings.get(key);
    if (known !== undefined && isFresh(known)) return known.result as Promise<T>;
    const result = read(AbortSignal.any([this.#signal, AbortSignal.timeout(LONGEST_MS)]));
    const reading: Reading = { result, until: performance.now() + LONGEST_MS };
    const end = (): void => {
      reading.until = performance.now() + this.#freshMs;
    };
    result.then(end, end);
    this.#forget();
    this.#readings.set(key, reading);
    return result;
  }

  #forget(): void {
    for (const [key, reading] of this.#readings) {
      if (!isFresh(reading) || this.#readings.size >= MOST) this.#readings.delete(key);
    }
  }
}

function isFresh({ until }: Reading): boolean {
  return performance.now() < until;
}
