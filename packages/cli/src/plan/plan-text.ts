import { afterText } from '../graph/formats.ts';
import { keysOf } from '../inputs/keys-of.ts';
import type { Need } from '../inputs/needs.ts';
import { clock, plural } from '../terminal/quantities.ts';
import { oneLine } from '../terminal/safe.ts';
import { table } from '../terminal/table.ts';
import type { Plan, PlannedStep } from './plan.ts';

/** A plan for a person. */
export function planText(plan: Plan): readonly string[] {
  return [
    `${oneLine(plan.team)}: ${plural(plan.steps.length, 'step')}`,
    '',
    ...table(
      [{ title: 'STEP' }, { title: 'AFTER' }, { title: 'RESTARTS', align: 'right' }],
      plan.steps.map((step) => [
        step.name,
        afterText(step),
        step.restarts === 0 ? '' : `≤ ${step.restarts}`,
      ]),
    ),
    '',
    `Longest path: ${plan.longestPath.join(' → ')}`,
    `Timeout: ${plan.timeout ?? '4h'} (waiting for people counts)`,
    `Cost: ${
      plan.budgetLimit === undefined
        ? 'no limit; lifecycle.budgetLimit sets one'
        : `at most $${plan.budgetLimit}, and the replies under way when it is reached`
    }`,
    ...pastLines(plan),
    '',
    'What each step may touch:',
    ...plan.steps.flatMap(touchLines),
    ...needLines('Secrets that must exist:', plan.needs.secrets),
    ...needLines('ConfigMaps that must exist:', plan.needs.configMaps),
    ...needLines('Volume claims that must exist:', plan.needs.claims),
  ];
}

function pastLines({ past }: Plan): readonly string[] {
  if (past.length === 0) return ['Past runs: none here'];
  return [
    'Past runs:',
    ...past.map(({ run, phase, usd, elapsed }) => `  ${run}: ${phase}, $${usd}, ${clock(elapsed)}`),
  ];
}

function touchLines(step: PlannedStep): readonly string[] {
  return step.containers.flatMap(({ name, writes, reads }) => [
    `  ${step.name}/${name}`,
    ...(writes.length === 0 ? [] : [`    writes ${writes.join(' ')}`]),
    ...(reads.length === 0 ? [] : [`    reads  ${reads.join(' ')}`]),
  ]);
}

function needLines(title: string, needs: readonly Need[]): readonly string[] {
  if (needs.length === 0) return [];
  return [
    '',
    title,
    ...needs.map(
      (need) =>
        `  ${need.name}${need.optional ? ' (optional)' : ''}   for ${need.usedBy.join(', ')}${keysOf(need)}`,
    ),
  ];
}
