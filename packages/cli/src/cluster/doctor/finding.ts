import type { Colors } from '../../output/terminal/colors.ts';
import { oneLine } from '../../output/terminal/safe.ts';
import { httpStatus, reasonOf } from '../connection/errors.ts';

/**
 * `failed`: teams cannot run. `warning`: teams can run, with restrictions. `unknown`: the caller lacks a
 * permission, or the answer is not visible from outside the cluster.
 */
export type FindingState = 'ok' | 'warning' | 'failed' | 'unknown';

/** The result of one check. */
export interface Finding {
  readonly check: string;
  readonly state: FindingState;
  readonly message: string;
  /** How to fix the problem. */
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

/** The result of a request for an object. */
export type LookUp<T> =
  | { readonly state: 'found'; readonly value: T }
  | { readonly state: 'absent' }
  | { readonly state: 'forbidden'; readonly reason: string };

/** Awaits a request. The statuses 403 and 404 are results; other errors are thrown. */
export async function lookUp<T>(request: Promise<T>): Promise<LookUp<T>> {
  try {
    return { state: 'found', value: await request };
  } catch (error) {
    const status = httpStatus(error);
    if (status === 404) return { state: 'absent' };
    if (status === 403) return { state: 'forbidden', reason: reasonOf(error) };
    throw error;
  }
}

const MARKS: Readonly<Record<FindingState, string>> = {
  ok: '✓',
  warning: '!',
  failed: '✗',
  unknown: '?',
};

/** Formats each finding as a line, followed by its remedy. */
export function findingsText(findings: readonly Finding[], colors: Colors): readonly string[] {
  const paint: Readonly<Record<FindingState, Colors['red']>> = {
    ok: colors.green,
    warning: colors.yellow,
    failed: colors.red,
    unknown: colors.dim,
  };
  return findings.flatMap(({ check, state, message, remedy }) => [
    `${paint[state](MARKS[state])} ${check}: ${oneLine(message)}`,
    ...(remedy === undefined || state === 'ok' ? [] : [`    ${remedy}`]),
  ]);
}
