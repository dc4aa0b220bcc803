import type { Bounded, Loose } from './bounds.ts';

/** The checks that a template may require, each with the command by which a run could weaken it. */
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
      const what =
        bound[command] === undefined
          ? 'the command that the repository declares'
          : 'its own command';
      const hint = `remove it: the template runs ${what}`;
      return [{ path: ['qualityGates', command], message: "differs from the template's", hint }];
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
            message: "differs from the template's",
            hint: "remove it: the template's script runs",
          },
        ];
  return [...checks, ...other];
}
