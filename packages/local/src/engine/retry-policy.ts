import { ARGO_MESSAGES, type NodeStatus, type RetryStrategy } from '@agentteam/argo';
import { secondsOf } from '../expressions/duration.ts';
import { evaluateRetryExpression } from '../expressions/retry-expression.ts';

/** Whether a step is attempted again after an attempt that failed. */
export type RetryDecision =
  /** `pause`: seconds between the end of the last attempt and the next one. */
  | { readonly retry: true; readonly pause: number }
  | { readonly retry: false; readonly message: string };

/**
 * Applies Argo's rules in Argo's order: the policy, the limit, the expression. Unlike Argo, this engine
 * evaluates the expression before it pauses, so a step that is not retried ends at once.
 * @param attempts number of attempts so far, this one included.
 */
export function decideRetry(
  strategy: RetryStrategy,
  attempt: NodeStatus,
  attempts: number,
): RetryDecision {
  const policy = strategy.retryPolicy ?? (strategy.expression ? 'Always' : 'OnFailure');
  const isCovered =
    policy === 'Always' ||
    (policy === 'OnFailure' ? attempt.phase === 'Failed' : attempt.phase === 'Error');
  if (!isCovered) return { retry: false, message: attempt.message ?? '' };
  if (strategy.limit !== undefined && attempts > Number(strategy.limit)) {
    return { retry: false, message: ARGO_MESSAGES.noMoreRetries };
  }
  const { expression } = strategy;
  if (expression !== undefined && !evaluateRetryExpression(expression, attempt)) {
    return { retry: false, message: ARGO_MESSAGES.notRetried };
  }
  return { retry: true, pause: backoffSeconds(strategy.backoff, attempts) };
}

/** The duration, multiplied by the factor for every attempt after the first, up to the cap. */
function backoffSeconds(backoff: RetryStrategy['backoff'], attempts: number): number {
  if (backoff?.duration === undefined) return 0;
  const factor = Number(backoff.factor ?? 1);
  const pause = secondsOf(backoff.duration) * factor ** (attempts - 1);
  return backoff.cap === undefined ? pause : Math.min(pause, secondsOf(backoff.cap));
}
