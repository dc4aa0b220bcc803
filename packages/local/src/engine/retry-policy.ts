import { ARGO_MESSAGES, type NodeStatus, type RetryStrategy } from '@agentteam/argo';
import { Environment } from '@marcbachmann/cel-js';
import { secondsOf } from '../dag/duration.ts';

/** What becomes of a step whose attempt ended badly. */
export type RetryVerdict =
  /** After so many seconds since the attempt's end. */
  | { readonly again: true; readonly pause: number }
  | { readonly again: false; readonly message: string };

/**
 * Argo's rules: the policy says which phases are repeated at all, the limit how often, and the
 * expression has the last word. Argo evaluates it with expr, we with CEL: `asInt(…)`, `in`, `!`, `&&`,
 * `sprig.regexMatch(…)` and comparisons mean the same in both. Unlike Argo, we pause only where another
 * attempt follows.
 */
export function judgeRetry(
  strategy: RetryStrategy,
  attempt: NodeStatus,
  attempts: number,
): RetryVerdict {
  const policy = strategy.retryPolicy ?? (strategy.expression ? 'Always' : 'OnFailure');
  const repeated =
    policy === 'Always' ||
    (policy === 'OnFailure' ? attempt.phase === 'Failed' : attempt.phase === 'Error');
  if (!repeated) return { again: false, message: attempt.message ?? '' };
  if (strategy.limit !== undefined && attempts > Number(strategy.limit)) {
    return { again: false, message: ARGO_MESSAGES.noMoreRetries };
  }
  if (strategy.expression !== undefined && !evaluate(strategy.expression, attempt)) {
    return { again: false, message: ARGO_MESSAGES.notRetried };
  }
  return { again: true, pause: pauseOf(strategy.backoff, attempts) };
}

/** Seconds before the attempt that follows so many: the duration, times the factor for each but the first. */
function pauseOf(backoff: RetryStrategy['backoff'], attempts: number): number {
  if (backoff?.duration === undefined) return 0;
  const factor = Number(backoff.factor ?? 1);
  const pause = secondsOf(backoff.duration) * factor ** (attempts - 1);
  return backoff.cap === undefined ? pause : Math.min(pause, secondsOf(backoff.cap));
}

/** Argo's name for a library of functions, of which this one is known here. */
class Sprig {}

const CEL = new Environment({ unlistedVariablesAreDyn: true })
  .registerFunction('asInt(string): int', (text: string) => BigInt(text))
  .registerType('Sprig', Sprig)
  .registerVariable('sprig', 'Sprig')
  .registerFunction(
    'Sprig.regexMatch(string, string): bool',
    (_sprig: Sprig, pattern: string, text: string) => new RegExp(pattern).test(text),
  );

const SPRIG = new Sprig();

/** Whether an expression can be evaluated, and says yes or no. */
export function isReadableExpression(expression: string): boolean {
  try {
    const sample = { exitCode: '1', status: 'Failed', message: '' };
    return typeof CEL.evaluate(expression, { lastRetry: sample, sprig: SPRIG }) === 'boolean';
  } catch {
    return false;
  }
}

function evaluate(expression: string, attempt: NodeStatus): boolean {
  const lastRetry = {
    exitCode: attempt.outputs?.exitCode ?? '-1',
    status: attempt.phase ?? '',
    message: attempt.message ?? '',
  };
  return CEL.evaluate(expression, { lastRetry, sprig: SPRIG }) === true;
}
