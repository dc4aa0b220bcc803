import type { Bounded, Loose } from './bounds.ts';

/** A check that a template may require, and the command that a run could weaken it with. */
const CHECKS = [
  ['requireTests', 'testCommand'],
  ['requireLint', 'lintCommand'],
] as const;

export function compareQualityGates(
  { qualityGates: bound = {} }: Bounded,
  { qualityGates = {} }: Bounded,
): readonly Loose[] {
  const checks = CHECKS.flatMap(([required, command]): readonly Loose[] => {
    if (bound[required] !== true && bound[command] === undefined) return [];
    if (qualityGates[command] !== bound[command]) {
      const what = bound[command] === undefined ? 'what is found in the repository' : 'its own';
      const hint = `leave it out: the template runs ${what}`;
      return [{ path: ['qualityGates', command], message: 'is another one', hint }];
    }
    return bound[required] === true && qualityGates[required] !== true
      ? [{ path: ['qualityGates', required], message: 'is not required', hint: 'set it to true' }]
      : [];
  });
  const { validationScript: script } = bound;
  const other: readonly Loose[] =
    script === undefined || qualityGates.validationScript === script
      ? []
      : [
          {
            path: ['qualityGates', 'validationScript'],
            message: 'is another one',
            hint: "leave it out: the template's script runs",
          },
        ];
  return [...checks, ...other];
}
