import type { Bounded, Loose } from './bounds.ts';

export function compareQualityGates(
  { qualityGates: bound = {} }: Bounded,
  { qualityGates = {} }: Bounded,
): readonly Loose[] {
  const required = (['requireTests', 'requireLint'] as const).flatMap((field): readonly Loose[] =>
    bound[field] === true && qualityGates[field] !== true
      ? [{ path: ['qualityGates', field], message: 'is not required', hint: 'set it to true' }]
      : [],
  );
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
  return [...required, ...other];
}
