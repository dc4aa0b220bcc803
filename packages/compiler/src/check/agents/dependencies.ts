import type { Teammate } from '@agentteam/api';
import { LEAD, shownName } from '@agentteam/contract';
import type { Problem } from '../../problem.ts';
import { nearest } from '../nearest.ts';

/** Checks that dependencies name other teammates, each once, and form no cycle. */
export function checkDependencies(teammates: readonly Teammate[]): readonly Problem[] {
  const names = teammates.map(({ name }) => name);
  const repeated = teammates.flatMap(({ name }, index) =>
    names.indexOf(name) === index
      ? []
      : [
          {
            code: 'repeated-name',
            path: ['spec', 'teammates', index, 'name'],
            message: `two teammates have the name \`${name}\``,
          },
        ],
  );
  const edges = teammates.flatMap((teammate, index) => checkEdges(teammate, index, names));
  const cycle = findCycle(teammates);
  if (cycle === undefined) return [...repeated, ...edges];
  const index = names.indexOf(cycle[0] ?? '');
  return [
    ...repeated,
    ...edges,
    {
      code: 'dependency-cycle',
      path: ['spec', 'teammates', index, 'dependsOn'],
      message: `the dependencies form a cycle: ${cycle.join(' → ')}`,
      hint: 'remove one of these dependencies',
    },
  ];
}

function checkEdges(
  teammate: Teammate,
  index: number,
  names: readonly string[],
): readonly Problem[] {
  const wanted = teammate.dependsOn ?? [];
  return wanted.flatMap((name, position): readonly Problem[] => {
    const path = ['spec', 'teammates', index, 'dependsOn', position];
    if (wanted.indexOf(name) !== position) {
      return [{ code: 'repeated-name', path, message: `\`${name}\` is listed twice` }];
    }
    if (name === teammate.name) {
      return [{ code: 'self-dependency', path, message: `\`${name}\` cannot depend on itself` }];
    }
    if (names.includes(name)) return [];
    if (name === LEAD || name === shownName(LEAD)) {
      const message = 'no teammate can depend on the lead, which ends last';
      const hint = 'remove it: the lead hands out the work from the start';
      return [{ code: 'unknown-teammate', path, message, hint }];
    }
    const others = names.filter((other) => other !== teammate.name);
    const guess = nearest(name, others);
    return [
      {
        code: 'unknown-teammate',
        path,
        message: `there is no teammate \`${name}\``,
        hint:
          guess === undefined
            ? othersHint(teammate.name, others)
            : `did you mean \`dependsOn: [${guess}]\`?`,
      },
    ];
  });
}

function othersHint(name: string, others: readonly string[]): string {
  if (others.length > 0) return `teammates: ${others.join(', ')}`;
  return `remove dependsOn: \`${name}\` is the only teammate`;
}

/** Returns the first cycle, for example `[a, b, a]`. A teammate that depends on itself is a separate problem. */
function findCycle(teammates: readonly Teammate[]): readonly string[] | undefined {
  const next = new Map(teammates.map(({ name, dependsOn = [] }) => [name, dependsOn]));
  const done = new Set<string>();
  const visit = (name: string, trail: readonly string[]): readonly string[] | undefined => {
    const seen = trail.indexOf(name);
    if (seen >= 0) return [...trail.slice(seen), name];
    if (done.has(name)) return undefined;
    for (const dependency of next.get(name) ?? []) {
      if (dependency === name) continue;
      const cycle = visit(dependency, [...trail, name]);
      if (cycle !== undefined) return cycle;
    }
    done.add(name);
    return undefined;
  };
  for (const { name } of teammates) {
    const cycle = visit(name, []);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}
