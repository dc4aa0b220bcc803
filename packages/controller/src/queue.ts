import { FairQueue, namespaceOf } from './fair-queue.ts';

export interface QueueOptions {
  /** How many keys are worked on at the same time. */
  readonly concurrency: number;
  /** Works on a key. A returned number of ms schedules the key again. */
  readonly work: (key: string, signal: AbortSignal) => Promise<number | undefined>;
  /** Wraps the work on a key and the report of its failure, for example to set a log context. */
  readonly within?: (key: string, run: () => Promise<void>) => Promise<void>;
  /** Shortest delay in ms that an error asks for. */
  readonly retryAfter?: (error: unknown) => number | undefined;
  readonly onError: (key: string, error: unknown, retryMs: number) => void;
  /** The priority of a key when it is added. Default: `low` for every key. */
  readonly priority?: (key: string) => Priority;
}

/** From the highest to the lowest. */
const PRIORITIES = ['high', 'normal', 'low'] as const;
export type Priority = (typeof PRIORITIES)[number];

const FIRST_RETRY_MS = 200;
const LAST_RETRY_MS = 5 * 60_000;
/** Additional slots for keys of priority `high`, as a share of the others. */
const EXTRA_SLOTS = 0.5;
/**
 * A namespace may start another key while it uses fewer than this many times the free slots. A single
 * namespace gets three quarters of all slots, and fewer when others are active; some are always free.
 * Source: dynamic queue thresholds of shared-memory switches (Choudhury and Hahne, 1998).
 */
const SLOTS_PER_FREE_SLOT = 3;

/**
 * A work queue with the semantics of client-go's: a key is queued at most once, is never worked on
 * twice at the same time, and is worked on again if it was added meanwhile. A key that fails returns
 * after a growing delay and delays no other key.
 *
 * Keys of a higher priority come first, and those of priority `high` have additional slots. Namespaces
 * take turns, and none can use all slots, so work that hangs in one namespace does not block the others.
 */
export class KeyedQueue {
  readonly #options: QueueOptions;
  readonly #ready = { high: new FairQueue(), normal: new FairQueue(), low: new FairQueue() };
  readonly #processing = new Set<string>();
  readonly #processingIn = new Map<string, number>();
  /** Keys that were added while they were being worked on. */
  readonly #dirty = new Set<string>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #failures = new Map<string, number>();
  #notify: () => void = () => {};

  constructor(options: QueueOptions) {
    this.#options = options;
  }

  /** How many keys are queued or being worked on. */
  get depth(): number {
    const queued = PRIORITIES.map((priority) => this.#ready[priority].size);
    return queued.reduce((sum, size) => sum + size, this.#processing.size);
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
    if (this.#processing.has(key)) this.#dirty.add(key);
    else this.#enqueue(key);
    this.#notify();
  }

  /** Drops the timer and the failures of a key whose object was deleted. */
  forget(key: string): void {
    clearTimeout(this.#timers.get(key));
    this.#timers.delete(key);
    this.#failures.delete(key);
  }

  /** Works until the signal aborts. Resolves when the work in progress has ended. */
  async run(signal: AbortSignal): Promise<void> {
    const inProgress = new Set<Promise<void>>();
    const notified = () =>
      new Promise<void>((resolve) => {
        this.#notify = resolve;
      });
    signal.addEventListener('abort', () => this.#notify(), { once: true });
    while (!signal.aborted) {
      const next = notified();
      for (const key of this.#takeReady()) {
        this.#begin(key);
        const run = () => this.#process(key, signal);
        const work = (this.#options.within?.(key, run) ?? run()).finally(() => {
          inProgress.delete(work);
          this.#end(key);
          if (this.#dirty.delete(key)) this.#enqueue(key);
          this.#notify();
        });
        inProgress.add(work);
      }
      await next;
    }
    for (const timer of this.#timers.values()) clearTimeout(timer);
    await Promise.all(inProgress);
  }

  #enqueue(key: string): void {
    const priority = this.#priorityOf(key);
    for (const other of PRIORITIES) if (other !== priority) this.#ready[other].delete(key);
    this.#ready[priority].add(key);
  }

  /** An error here must not reach the caller of `add`: the work on the key reports it. */
  #priorityOf(key: string): Priority {
    try {
      return this.#options.priority?.(key) ?? 'low';
    } catch {
      return 'low';
    }
  }

  /** Takes the next keys while there are free slots. */
  *#takeReady(): Generator<string> {
    const { concurrency } = this.#options;
    for (const priority of PRIORITIES) {
      const slots = priority === 'high' ? Math.ceil(concurrency * (1 + EXTRA_SLOTS)) : concurrency;
      if (this.#processing.size >= slots) continue;
      const mayTake = (namespace: string) => {
        const free = slots - this.#processing.size;
        return (this.#processingIn.get(namespace) ?? 0) < SLOTS_PER_FREE_SLOT * free;
      };
      for (;;) {
        const key = this.#ready[priority].take(mayTake);
        if (key === undefined) break;
        yield key;
      }
    }
  }

  #begin(key: string): void {
    const namespace = namespaceOf(key);
    this.#processing.add(key);
    this.#processingIn.set(namespace, (this.#processingIn.get(namespace) ?? 0) + 1);
  }

  #end(key: string): void {
    const namespace = namespaceOf(key);
    const left = (this.#processingIn.get(namespace) ?? 1) - 1;
    this.#processing.delete(key);
    if (left === 0) this.#processingIn.delete(namespace);
    else this.#processingIn.set(namespace, left);
  }

  async #process(key: string, signal: AbortSignal): Promise<void> {
    // This work replaces the one that was scheduled.
    clearTimeout(this.#timers.get(key));
    this.#timers.delete(key);
    try {
      const requeueAfter = await this.#options.work(key, signal);
      this.#failures.delete(key);
      if (requeueAfter !== undefined) this.add(key, Math.max(requeueAfter, 1));
    } catch (error) {
      if (signal.aborted) return;
      const failures = (this.#failures.get(key) ?? 0) + 1;
      this.#failures.set(key, failures);
      const delay = Math.min(FIRST_RETRY_MS * 2 ** (failures - 1), LAST_RETRY_MS);
      const shortest = this.#options.retryAfter?.(error) ?? 0;
      const retryMs = Math.max(delay * (0.75 + Math.random() / 2), shortest);
      this.#options.onError(key, error, retryMs);
      this.add(key, retryMs);
    }
  }
}
