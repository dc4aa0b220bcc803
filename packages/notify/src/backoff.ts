import { setTimeout as delay } from 'node:timers/promises';

export interface Backoff {
  readonly attempts: number;
  /** Delay in ms before the second attempt. It doubles before each further attempt. */
  readonly first: number;
  /** Longest delay in ms. */
  readonly longest: number;
}

/** Backoff of notifications. */
export const BACKOFF: Backoff = { attempts: 5, first: 1000, longest: 30_000 };

/** Thrown when an attempt fails and a later one may succeed. */
export class Retryable extends Error {
  override readonly name = 'Retryable';
  /** Delay in ms that the server asks for. */
  readonly afterMs: number | undefined;

  constructor(cause: unknown, afterMs?: number) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.afterMs = afterMs;
  }
}

/**
 * Repeats `work` while it throws {@link Retryable}.
 * @throws the cause of the last error after the last attempt, and any other error at once.
 */
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
      await delay(Math.min(error.afterMs ?? pause, longest), undefined, { signal });
    }
  }
}

/**
 * Parses a `Retry-After` header, which holds seconds or a date (RFC 9110, 10.2.3).
 * @param now milliseconds since the epoch.
 * @returns milliseconds from now; undefined if the header is malformed.
 */
export function retryAfter(
  header: string | null | undefined,
  now: number = Date.now(),
): number | undefined {
  if (header === null || header === undefined || header === '') return undefined;
  if (/^\d+(\.\d+)?$/.test(header)) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
