import type { OnLimit } from '@agentteam/contract';
import { stepTitle } from '@agentteam/status';
import { keysOf, type Need } from '../../run/inputs/needs.ts';
import { afterText } from '../graph/formats.ts';
import { pad, wrap } from '../terminal/columns.ts';
import { clock, plural } from '../terminal/quantities.ts';
import { oneLine } from '../terminal/safe.ts';
import { table } from '../terminal/table.ts';
import type { Plan, PlannedStep } from './plan.ts';

/** Formats a plan for a person. @param columns width of the terminal. */
export function planText(plan: Plan, columns: number): readonly string[] {
  return [
    `${oneLine(plan.team)}: ${plural(plan.steps.length, 'step')}`,
    '',
    ...table(
      [{ title: 'STEP' }, { title: 'RESTARTS', align: 'right' }, { title: 'AFTER' }],
      plan.steps.map((step) => [
        stepTitle(step.name),
        step.restarts === 0 ? '' : `≤ ${step.restarts}`,
        step.last ? 'all other steps, even if they fail' : afterText(step),
      ]),
    ),
    '',
    `Longest path: ${plan.longestPath.map(stepTitle).join(' → ')}`,
    `Timeout: ${plan.timeout ?? '4h'} (includes the time that gates wait for people)`,
    `Cost: ${
      plan.budgetLimit === undefined
        ? 'no limit (set one with lifecycle.budgetLimit)'
        : `at most $${plan.budgetLimit}${OVERRUN[plan.onLimit]}`
    }`,
    ...Object.entries(plan.agentLimits).map(
      ([agent, limit]) => `  ${oneLine(agent)} at most $${limit}${OVERRUN[plan.onLimit]}`,
    ),
    ...pastLines(plan),
    ...imageLines(plan),
    ...scopeLines(plan, columns),
    ...needLines('Secrets that must exist:', plan.needs.secrets, columns),
    ...needLines('ConfigMaps that must exist:', plan.needs.configMaps, columns),
    ...needLines('Volume claims that must exist:', plan.needs.claims, columns),
    ...needLines('Volume claims that are created with the team:', plan.createdClaims, columns),
    '',
    'What each container may write and read:',
    ...plan.steps.flatMap((step) => touchLines(step, columns)),
  ];
}

function pastLines({ past }: Plan): readonly string[] {
  if (past.length === 0) return ['Past runs: none on this machine'];
  return [
    'Past runs:',
    ...past.map(({ run, phase, usd, elapsed }) => `  ${run}: ${phase}, $${usd}, ${clock(elapsed)}`),
  ];
}

/** By how much the cost may exceed a limit. */
const OVERRUN: Readonly<Record<OnLimit, string>> = {
  finish: ', plus the replies in progress when the limit is reached',
  cut: ', plus the streamed part of the replies in progress when the limit is reached',
  reserve: '',
};

function scopeLines({ scopes }: Plan, columns: number): readonly string[] {
  if (scopes === undefined) return [];
  const list = (paths: readonly string[]): string => oneLine(paths.join(' '));
  const lines = Object.entries(scopes).map(([agent, { includePaths, excludePaths }]) => {
    const included = includePaths.length === 0 ? 'everything' : list(includePaths);
    const excluded = excludePaths.length === 0 ? '' : `, except ${list(excludePaths)}`;
    return `  ${oneLine(agent)}: ${included}${excluded}`;
  });
  return [
    '',
    'What each agent may change in the repository:',
    ...lines.flatMap((line) => wrap(line, columns)),
  ];
}

function imageLines({ images }: Plan): readonly string[] {
  const entries = Object.entries(images);
  if (entries.length === 0) return [];
  return [
    '',
    'Images of the agents (on this machine only with `agentteam run --containers`):',
    ...entries.map(([agent, image]) => `  ${oneLine(agent)}: ${oneLine(image)}`),
  ];
}

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

function needLines(title: string, needs: readonly Need[], columns: number): readonly string[] {
  if (needs.length === 0) return [];
  return [
    '',
    title,
    ...needs.flatMap((need) => {
      const name = `${need.name}${need.optional ? ' (optional)' : ''}`;
      const purpose = `${need.usedBy.map(stepTitle).join(', ')}${keysOf(need)}`;
      const lines = wrap(`${name}   for ${purpose}`, Math.max(40, columns - 4));
      return lines.map((line, index) => `${index === 0 ? '  ' : '    '}${line}`);
    }),
  ];
}
