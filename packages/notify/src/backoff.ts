import { setTimeout as delay } from 'node:timers/promises';

export interface Backoff {
  readonly attempts: number;
  /** Milliseconds before the second attempt; twice that before the third, and so on. */
  readonly first: number;
  readonly longest: number;
}

/** How patient a sender of notifications is. */
export const BACKOFF: Backoff = { attempts: 5, first: 1000, longest: 30_000 };

/** An attempt that failed in a way that the next one may not. */
export class Retryable extends Error {
  override readonly name = 'Retryable';
  /** Milliseconds that the other side asks to wait. */
  readonly after: number | undefined;

  constructor(cause: unknown, after?: number) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.after = after;
  }
}

/** Repeats `work` while it throws {@link Retryable}; the last time its cause is thrown. */
export async function withBackoff<T>(
  { attempts, first, longest }: Backoff,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Retryable)) throw error;
      signal.throwIfAborted();
      if (attempt >= attempts) throw error.cause;
      const pause = first * 2 ** (attempt - 1) * (0.5 + Math.random());
      await delay(Math.min(error.after ?? pause, longest), undefined, { signal });
    }
  }
}

/** `Retry-After` in milliseconds: seconds or a date. */
export function retryAfter(header: string | null | undefined): number | undefined {
  if (header === null || header === undefined || header === '') return undefined;
  if (/^[0-9]+$/.test(header)) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}
