import { httpStatus, reasonOf } from '../connection/errors.ts';

/**
 * `failed`: teams cannot run. `warning`: they run, with less. `unknown`: this caller, or anybody
 * outside the cluster, cannot know.
 */
export type FindingState = 'ok' | 'warning' | 'failed' | 'unknown';

/** What was found about one thing that teams need. */
export interface Finding {
  readonly check: string;
  readonly state: FindingState;
  readonly message: string;
  /** What to do about it. */
  readonly remedy?: string;
}

export const ok = (check: string, message: string): Finding => ({ check, state: 'ok', message });

export const failed = (check: string, message: string, remedy: string): Finding => ({
  check,
  state: 'failed',
  message,
  remedy,
});

export const warning = (check: string, message: string, remedy: string): Finding => ({
  check,
  state: 'warning',
  message,
  remedy,
});

export const unknown = (check: string, message: string, remedy?: string): Finding => ({
  check,
  state: 'unknown',
  message,
  ...(remedy !== undefined && { remedy }),
});

/** What a request came to: its answer, or why there is none. */
export type Asked<T> =
  | { readonly is: 'there'; readonly value: T }
  | { readonly is: 'absent' }
  | { readonly is: 'hidden'; readonly why: string };

/** Neither "there is none" nor "you may not look" is an error to a doctor. */
export async function ask<T>(request: Promise<T>): Promise<Asked<T>> {
  try {
    return { is: 'there', value: await request };
  } catch (error) {
    const status = httpStatus(error);
    if (status === 404) return { is: 'absent' };
    if (status === 403) return { is: 'hidden', why: reasonOf(error) };
    throw error;
  }
}
