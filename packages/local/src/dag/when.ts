/**
 * A task's condition after substitution: `approve == approve`, joined by `&&` and `||`. Values are
 * plain words, as decisions and phases are; anything else is refused before the run begins.
 */
const COMPARISON = /^\s*([\w.-]*)\s*(==|!=)\s*([\w.-]+)\s*$/;
const WITH_TAG = /^\s*(?:\{\{[^{}]+\}\}|[\w.-]+)\s*(?:==|!=)\s*(?:\{\{[^{}]+\}\}|[\w.-]+)\s*$/;

/** Whether {@link whenHolds} can evaluate it once its tags are substituted. */
export function isSupportedWhen(when: string): boolean {
  return when.split(/\|\||&&/).every((part) => WITH_TAG.test(part));
}

export function whenHolds(when: string): boolean {
  return when.split('||').some((all) =>
    all.split('&&').every((comparison) => {
      const match = COMPARISON.exec(comparison);
      if (match === null) throw new SyntaxError(`when "${when}" cannot be evaluated`);
      const [, left, operator, right] = match;
      return (left === right) === (operator === '==');
    }),
  );
}
