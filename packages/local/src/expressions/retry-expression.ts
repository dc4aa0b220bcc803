import type { NodeStatus } from '@agentteam/argo';
import { Environment } from '@marcbachmann/cel-js';

/** Represents Argo's library of functions; only `regexMatch` is supported here. */
class Sprig {}

/**
 * Argo evaluates these expressions with expr, this engine with CEL. `asInt(…)`, `in`, `!`, `&&`,
 * `sprig.regexMatch(…)` and comparisons mean the same in both languages.
 */
const CEL = new Environment({ unlistedVariablesAreDyn: true })
  .registerFunction('asInt(string): int', (text: string) => BigInt(text))
  .registerType('Sprig', Sprig)
  .registerVariable('sprig', 'Sprig')
  .registerFunction(
    'Sprig.regexMatch(string, string): bool',
    (_sprig: Sprig, pattern: string, text: string) => new RegExp(pattern).test(text),
  );

const SPRIG = new Sprig();

/** Whether {@link evaluateRetryExpression} can evaluate the expression to a boolean. */
export function isSupportedRetryExpression(expression: string): boolean {
  try {
    const lastRetry = { exitCode: '1', status: 'Failed', message: '' };
    return typeof CEL.evaluate(expression, { lastRetry, sprig: SPRIG }) === 'boolean';
  } catch {
    return false;
  }
}

/** Evaluates `retryStrategy.expression` for the attempt that ended last. */
export function evaluateRetryExpression(expression: string, attempt: NodeStatus): boolean {
  const lastRetry = {
    exitCode: attempt.outputs?.exitCode ?? '-1',
    status: attempt.phase ?? '',
    message: attempt.message ?? '',
  };
  return CEL.evaluate(expression, { lastRetry, sprig: SPRIG }) === true;
}
