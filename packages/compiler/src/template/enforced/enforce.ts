import type { AgentTeamTemplate } from '@agentteam/api';
import type { Problem } from '../../problem.ts';
import type { MergedTeam } from '../merge.ts';
import type { Bounded, Comparison } from './bounds.ts';
import { compareGates } from './gates.ts';
import { compareBudget, compareTimeout } from './limits.ts';
import { compareQualityGates } from './quality-gates.ts';
import { compareScope, includes } from './scope.ts';

type Enforced = NonNullable<AgentTeamTemplate['spec']['enforced']>[number];

/** A new name in `enforced` does not compile until it has a comparison. */
const COMPARISONS: Readonly<Record<Enforced, Comparison>> = {
  gates: compareGates,
  budget: compareBudget,
  timeout: compareTimeout,
  scope: compareScope,
  qualityGates: compareQualityGates,
};

/** The field that a template must set before it can enforce a name. */
const NEEDED: Readonly<Record<Enforced, readonly [string, (bound: Bounded) => boolean]>> = {
  gates: [
    'lifecycle.approvalGates',
    ({ lifecycle }) => (lifecycle?.approvalGates ?? []).length > 0,
  ],
  budget: ['lifecycle.budgetLimit', ({ lifecycle }) => lifecycle?.budgetLimit !== undefined],
  timeout: ['lifecycle.timeout', ({ lifecycle }) => lifecycle?.timeout !== undefined],
  scope: [
    'the scope of each teammate, with includePaths',
    ({ teammates = [] }) => teammates.every(({ scope }) => includes(scope).length > 0),
  ],
  qualityGates: ['qualityGates', ({ qualityGates }) => qualityGates !== undefined],
};

/** Checks that a team is no looser than what its template enforces. */
export function checkEnforced(template: AgentTeamTemplate, team: MergedTeam): readonly Problem[] {
  const { enforced = [], ...bound } = template.spec;
  return enforced.flatMap((name) =>
    COMPARISONS[name](bound as Bounded, team.spec as Bounded).map(
      ({ path, message, hint }): Problem => ({
        code: 'enforced',
        path: ['spec', ...path],
        message: `\`${path.filter((part) => typeof part === 'string').join('.')}\` ${message}: template \`${template.metadata.name}\` enforces \`${name}\``,
        hint,
      }),
    ),
  );
}

/** Checks that a template sets the fields that it enforces. */
export function checkEnforcing({ spec }: AgentTeamTemplate): readonly Problem[] {
  const { enforced = [], ...bound } = spec;
  return enforced.flatMap((name, index) => {
    const [field, says] = NEEDED[name];
    if (says(bound as Bounded)) return [];
    return [
      {
        code: 'nothing-to-enforce',
        path: ['spec', 'enforced', index],
        message: `the template enforces \`${name}\` but does not set ${field}`,
        hint: `set ${field}, or remove \`${name}\` from spec.enforced`,
      },
    ];
  });
}
