import type { NodeStatus, RetryStrategy } from '@agentteam/argo';
import { Environment } from '@marcbachmann/cel-js';
import { MESSAGES } from '../messages.ts';

/** What becomes of a step whose attempt ended badly. */
export type RetryVerdict =
  | { readonly again: true }
  | { readonly again: false; readonly message: string };

/**
 * Argo's rules: the policy says which phases are repeated at all, the limit how often, and the
 * expression has the last word. Argo evaluates it with expr, we with CEL: `asInt(…)`, `in`, `!` and
 * comparisons mean the same in both.
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

const CEL = new Environment({ unlistedVariablesAreDyn: true }).registerFunction(
  'asInt(string): int',
  (text: string) => BigInt(text),
);

/** Whether an expression can be evaluated, and says yes or no. */
export function isReadableExpression(expression: string): boolean {
  try {
    const sample = { exitCode: '1', status: 'Failed', message: '' };
    return typeof CEL.evaluate(expression, { lastRetry: sample }) === 'boolean';
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
  return CEL.evaluate(expression, { lastRetry }) === true;
}
