import type { AgentTeamTemplate } from '@agentteam/api';
import type { Problem } from '../../problem.ts';
import type { MergedTeam } from '../merge.ts';
import type { Bounded, Comparison } from './bounds.ts';
import { compareGates } from './gates.ts';
import { compareBudget, compareTimeout } from './limits.ts';
import { compareQualityGates } from './quality-gates.ts';
import { compareScope, includes } from './scope.ts';

type Enforced = NonNullable<AgentTeamTemplate['spec']['enforced']>[number];

/** A name in `enforced` that has no comparison does not compile. */
const COMPARISONS: Readonly<Record<Enforced, Comparison>> = {
  gates: compareGates,
  budget: compareBudget,
  timeout: compareTimeout,
  scope: compareScope,
  qualityGates: compareQualityGates,
};

/** What a template must say itself before it can enforce it, and in which field. */
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

/** What is looser in a team than the template that it is made of lets it be. */
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

/** Names in `enforced` that the template itself says nothing about. */
export function checkEnforcing({ spec }: AgentTeamTemplate): readonly Problem[] {
  const { enforced = [], ...bound } = spec;
  return enforced.flatMap((name, index) => {
    const [field, says] = NEEDED[name];
    if (says(bound as Bounded)) return [];
    return [
      {
        code: 'nothing-to-enforce',
        path: ['spec', 'enforced', index],
        message: `\`${name}\` is enforced, and the template does not set ${field}`,
        hint: `set ${field}, or remove \`${name}\` from spec.enforced`,
      },
    ];
  });
}
