import { createHash } from 'node:crypto';
import { substitute } from './substitute.ts';

/**
 * One comparison of a task's condition after substitution: `approve == approve`. Values are single words,
 * such as decisions and phases; a Workflow with other values is refused before the run starts.
 */
const COMPARISON = /^\s*([\w.-]*)\s*(==|!=)\s*([\w.-]+)\s*$/;
/** The condition that the compiler emits for a step behind a gate that only the controller can open. */
const PROOF =
  /^\{\{=sprig\.sha256sum\(tasks\['([\w-]+)'\]\?\.outputs\?\.parameters\?\.([\w-]+) \?\? ''\) == '([0-9a-f]{64})'\}\}$/;
const COMPARISON_WITH_TAGS =
  /^\s*(?:\{\{[^{}]+\}\}|[\w.-]+)\s*(?:==|!=)\s*(?:\{\{[^{}]+\}\}|[\w.-]+)\s*$/;

/** Whether the condition is an Argo expression that {@link resolveWhen} can evaluate. */
export function isExpression(when: string): boolean {
  return PROOF.test(when);
}

/** Whether {@link whenHolds} can evaluate the condition after its tags are substituted. */
export function isSupportedWhen(when: string): boolean {
  return (
    isExpression(when) || when.split(/\|\||&&/).every((part) => COMPARISON_WITH_TAGS.test(part))
  );
}

/**
 * Replaces the tags of a condition by their values. An expression becomes `true` or `false`, as in Argo:
 * its values are compared and never become part of the text.
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
      if (match === null) throw new SyntaxError(`cannot evaluate when "${when}"`);
      const [, left, operator, right] = match;
      return (left === right) === (operator === '==');
    }),
  );
}
