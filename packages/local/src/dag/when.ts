import { createHash } from 'node:crypto';
import { substitute } from '../substitute.ts';

/**
 * A task's condition after substitution: `approve == approve`, joined by `&&` and `||`. Values are
 * plain words, as decisions and phases are; anything else is refused before the run begins.
 */
const COMPARISON = /^\s*([\w.-]*)\s*(==|!=)\s*([\w.-]+)\s*$/;
/** What the compiler writes behind a gate that only the controller can open. */
const PROOF =
  /^\{\{=sprig\.sha256sum\(tasks\['([\w-]+)'\]\?\.outputs\?\.parameters\?\.([\w-]+) \?\? ''\) == '([0-9a-f]{64})'\}\}$/;
const WITH_TAG = /^\s*(?:\{\{[^{}]+\}\}|[\w.-]+)\s*(?:==|!=)\s*(?:\{\{[^{}]+\}\}|[\w.-]+)\s*$/;

/** Whether the condition is one of Argo's expressions that {@link resolveWhen} evaluates. */
export function isExpression(when: string): boolean {
  return PROOF.test(when);
}

/** Whether {@link whenHolds} can evaluate it once its tags are substituted. */
export function isSupportedWhen(when: string): boolean {
  return isExpression(when) || when.split(/\|\||&&/).every((part) => WITH_TAG.test(part));
}

/**
 * A condition with its tags replaced by their values. An expression comes to `true` or `false`, as in
 * Argo: the values in it are compared, and never become part of the text.
 */
export function resolveWhen(when: string, values: (name: string) => string | undefined): string {
  const [, task, output, hash] = PROOF.exec(when) ?? [];
  if (hash === undefined) return substitute(when, values);
  const proof = values(`tasks.${task}.outputs.parameters.${output}`) ?? '';
  return String(createHash('sha256').update(proof).digest('hex') === hash);
}

export function whenHolds(when: string): boolean {
  if (when === 'true' || when === 'false') return when === 'true';
  return when.split('||').some((all) =>
    all.split('&&').every((comparison) => {
      const match = COMPARISON.exec(comparison);
      if (match === null) throw new SyntaxError(`when "${when}" cannot be evaluated`);
      const [, left, operator, right] = match;
      return (left === right) === (operator === '==');
    }),
  );
}
