import type { OnLimit } from '@agentteam/contract';
import { afterText } from '../graph/formats.ts';
import { stepTitle } from '../graph/step-title.ts';
import { keysOf } from '../inputs/keys-of.ts';
import type { Need } from '../inputs/needs.ts';
import { pad, wrap } from '../terminal/columns.ts';
import { clock, plural } from '../terminal/quantities.ts';
import { oneLine } from '../terminal/safe.ts';
import { table } from '../terminal/table.ts';
import type { Plan, PlannedStep } from './plan.ts';

/** A plan for a person. @param columns of the terminal. */
export function planText(plan: Plan, columns: number): readonly string[] {
  return [
    `${oneLine(plan.team)}: ${plural(plan.steps.length, 'step')}`,
    '',
    ...table(
      [{ title: 'STEP' }, { title: 'RESTARTS', align: 'right' }, { title: 'AFTER' }],
      plan.steps.map((step) => [
        stepTitle(step.name),
        step.restarts === 0 ? '' : `≤ ${step.restarts}`,
        step.last ? 'all others, however they end' : afterText(step),
      ]),
    ),
    '',
    `Longest path: ${plan.longestPath.map(stepTitle).join(' → ')}`,
    `Timeout: ${plan.timeout ?? '4h'} (waiting for people counts)`,
    `Cost: ${
      plan.budgetLimit === undefined
        ? 'no limit; lifecycle.budgetLimit sets one'
        : `at most $${plan.budgetLimit}${BESIDES[plan.onLimit]}`
    }`,
    ...Object.entries(plan.agentLimits).map(
      ([agent, limit]) => `  ${oneLine(agent)} at most $${limit}${BESIDES[plan.onLimit]}`,
    ),
    ...pastLines(plan),
    '',
    'What each step may touch:',
    ...plan.steps.flatMap((step) => touchLines(step, columns)),
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

/** What a limit leaves room for. */
const BESIDES: Readonly<Record<OnLimit, string>> = {
  finish: ', and the replies under way when it is reached',
  cut: ', and what has streamed of the replies under way when it is reached',
  reserve: '',
};

function touchLines(step: PlannedStep, columns: number): readonly string[] {
  return step.containers.flatMap(({ name, writes, reads }) => [
    `  ${stepTitle(step.name)}/${name}`,
    ...pathLines('writes', writes, columns),
    ...pathLines('reads', reads, columns),
  ]);
}

function pathLines(title: string, paths: readonly string[], columns: number): readonly string[] {
  if (paths.length === 0) return [];
  const lines = wrap(paths.join(' '), Math.max(40, columns - 11));
  return lines.map((line, index) => `    ${pad(index === 0 ? title : '', 6)} ${line}`);
}

function needLines(title: string, needs: readonly Need[]): readonly string[] {
  if (needs.length === 0) return [];
  return [
    '',
    title,
    ...needs.map(
      (need) =>
        `  ${need.name}${need.optional ? ' (optional)' : ''}   for ${need.usedBy.map(stepTitle).join(', ')}${keysOf(need)}`,
    ),
  ];
}
