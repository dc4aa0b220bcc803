import type { NodeStatus, RetryStrategy } from '@agentteam/argo';
import { Environment } from '@marcbachmann/cel-js';
import { MESSAGES } from '../messages.ts';

/** What becomes of a step whose attempt ended badly. */
export type RetryVerdict =
  | { readonly again: true }
  | { readonly again: false; readonly message: string };

/**
 * Argo's rules: the policy says which phases are repeated at all, the limit how often, and the
 * expression has the last word. Argo evaluates it with expr, we with CEL: `asInt(…)`, `in`, `!`, `&&`,
 * `sprig.regexMatch(…)` and comparisons mean the same in both.
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
    return { again: false, message: MESSAGES.noMoreRetries };
  }
  if (strategy.expression !== undefined && !evaluate(strategy.expression, attempt)) {
    return { again: false, message: MESSAGES.notRetried };
  }
  return { again: true };
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
