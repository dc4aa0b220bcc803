import { namespaceOf, Turns } from './turns.ts';

/**
 * A work queue by key, as controllers use it: a key that waits is there once however often it is
 * added; a key that is being worked on is not started a second time, but worked on again when it was
 * added meanwhile; a key that failed comes back after a growing delay, without holding up others.
 * What is urgent overtakes what is not, and need not wait for a place. Namespaces take turns, and none
 * takes all places: work that hangs in one leaves some to the others.
 */
export interface QueueOptions {
  readonly concurrency: number;
  /** Works on a key; a number it resolves with asks to be called again after so many ms. */
  readonly work: (key: string, signal: AbortSignal) => Promise<number | undefined>;
  /** Goes around the work on a key, and around what is told of its failure. */
  readonly within?: (key: string, run: () => Promise<void>) => Promise<void>;
  /** For how many ms an error asks to be left alone at least. */
  readonly retryAfter?: (error: unknown) => number | undefined;
  readonly onError: (key: string, error: unknown, retryMs: number) => void;
  /** How soon a key should have its turn, as it stands at that moment. Default: all alike. */
  readonly urgency?: (key: string) => Urgency;
}

/** In the order of their turns. */
export const URGENCIES = ['now', 'soon', 'later'] as const;
export type Urgency = (typeof URGENCIES)[number];

const FIRST_RETRY_MS = 200;
const LAST_RETRY_MS = 5 * 60_000;
/** Places besides the others that only what is to be done `now` may take, as a share of them. */
const EXTRA = 0.5;
/**
 * A namespace may begin another key while it has fewer places than this many times those that are free.
 * Alone it has three quarters of all, and the more others work, the fewer; some are always left.
 * Known from switches that share one buffer among their ports (Choudhury and Hahne, 1998).
 */
const PLACES_TO_FREE = 3;

export class KeyedQueue {
  readonly #options: QueueOptions;
  readonly #ready = { now: new Turns(), soon: new Turns(), later: new Turns() };
  readonly #running = new Set<string>();
  readonly #runningIn = new Map<string, number>();
  readonly #again = new Set<string>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #failures = new Map<string, number>();
  #wake: () => void = () => {};

  constructor(options: QueueOptions) {
    this.#options = options;
  }

  /** Keys that wait or are being worked on. */
  get depth(): number {
    const waiting = URGENCIES.map((urgency) => this.#ready[urgency].size);
    return waiting.reduce((sum, size) => sum + size, this.#running.size);
  }

  add(key: string, afterMs = 0): void {
    if (afterMs > 0) {
      clearTimeout(this.#timers.get(key));
      const timer = setTimeout(() => {
        this.#timers.delete(key);
        this.add(key);
      }, afterMs);
      timer.unref();
      this.#timers.set(key, timer);
      return;
    }
    if (this.#running.has(key)) this.#again.add(key);
    else this.#enqueue(key);
    this.#wake();
  }

  /** Drops what is known of a key whose object is gone. */
  forget(key: string): void {
    clearTimeout(this.#timers.get(key));
    this.#timers.delete(key);
    this.#failures.delete(key);
  }

  /** Works until the signal aborts; resolves when what was begun has ended. */
  async run(signal: AbortSignal): Promise<void> {
    const begun = new Set<Promise<void>>();
    const woken = () =>
      new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    signal.addEventListener('abort', () => this.#wake(), { once: true });
    while (!signal.aborted) {
      const next = woken();
      for (const key of this.#due()) {
        this.#begin(key);
        const run = () => this.#one(key, signal);
        const work = (this.#options.within?.(key, run) ?? run()).finally(() => {
          begun.delete(work);
          this.#end(key);
          if (this.#again.delete(key)) this.#enqueue(key);
          this.#wake();
        });
        begun.add(work);
      }
      await next;
    }
    for (const timer of this.#timers.values()) clearTimeout(timer);
    await Promise.all(begun);
  }

  #enqueue(key: string): void {
    const urgency = this.#urgencyOf(key);
    for (const other of URGENCIES) if (other !== urgency) this.#ready[other].delete(key);
    this.#ready[urgency].add(key);
  }

  /** What cannot be judged has its turn like any other: its work says why, and whoever added it goes on. */
  #urgencyOf(key: string): Urgency {
    try {
      return this.#options.urgency?.(key) ?? 'later';
    } catch {
      return 'later';
    }
  }

  /** Takes the keys whose turn it is, while there are places. */
  *#due(): Generator<string> {
    const { concurrency } = this.#options;
    for (const urgency of URGENCIES) {
      const places = urgency === 'now' ? Math.ceil(concurrency * (1 + EXTRA)) : concurrency;
      if (this.#running.size >= places) continue;
      const may = (namespace: string) => {
        const free = places - this.#running.size;
        return (this.#runningIn.get(namespace) ?? 0) < PLACES_TO_FREE * free;
      };
      for (;;) {
        const key = this.#ready[urgency].take(may);
        if (key === undefined) break;
        yield key;
      }
    }
  }

  #begin(key: string): void {
    const namespace = namespaceOf(key);
    this.#running.add(key);
    this.#runningIn.set(namespace, (this.#runningIn.get(namespace) ?? 0) + 1);
  }

  #end(key: string): void {
    const namespace = namespaceOf(key);
    const left = (this.#runningIn.get(namespace) ?? 1) - 1;
    this.#running.delete(key);
    if (left === 0) this.#runningIn.delete(namespace);
    else this.#runningIn.set(namespace, left);
  }

  async #one(key: string, signal: AbortSignal): Promise<void> {
    // What it asked for before is answered by this look.
    clearTimeout(this.#timers.get(key));
    this.#timers.delete(key);
    try {
      const again = await this.#options.work(key, signal);
      this.#failures.delete(key);
      if (again !== undefined) this.add(key, Math.max(again, 1));
    } catch (error) {
      if (signal.aborted) return;
      const failures = (this.#failures.get(key) ?? 0) + 1;
      this.#failures.set(key, failures);
      const retry = Math.min(FIRST_RETRY_MS * 2 ** (failures - 1), LAST_RETRY_MS);
      const asked = this.#options.retryAfter?.(error) ?? 0;
      const jittered = Math.max(retry * (0.75 + Math.random() / 2), asked);
      this.#options.onError(key, error, jittered);
      this.add(key, jittered);
    }
  }
}
