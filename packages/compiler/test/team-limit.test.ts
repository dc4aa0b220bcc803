import { ENV } from '@agentteam/contract';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { checkObject, compile, teamLimitOf, withTeamLimit } from '../src/index.ts';
import { validTeam } from './arbitrary-team.ts';

/** What every container is told, by template and container. */
function specs(workflow: ReturnType<typeof withTeamLimit>): ReadonlyMap<string, object> {
  const containers = (workflow.spec.templates ?? []).flatMap(({ name, container, sidecars = [] }) =>
    [...(container ? [container] : []), ...sidecars].map((one) => ({ name, one })),
  );
  return new Map(
    containers.flatMap(({ name, one }) => {
      const value = one.env?.find((variable) => variable.name === ENV.spec)?.value;
      return value === undefined ? [] : [[`${name}/${one.name ?? ''}`, JSON.parse(value)]];
    }),
  );
}

test('a higher limit is what the same team with that limit would be told', () => {
  fc.assert(
    fc.property(validTeam, (object) => {
      const { lifecycle, ...spec } = object['spec'] as Readonly<Record<string, object>>;
      const compiledWith = (budgetLimit: string) => {
        const limited = { ...spec, lifecycle: { ...lifecycle, budgetLimit } };
        const { team } = checkObject({ ...object, spec: limited });
        const compiled = team && compile(team).compiled;
        if (compiled === undefined) throw new Error('the team is valid');
        return compiled.workflow;
      };
      const raised = withTeamLimit(compiledWith('5.00'), '50.00');
      expect(specs(raised)).toEqual(specs(compiledWith('50.00')));
      expect(teamLimitOf(raised)).toBe('50.00');
    }),
    { numRuns: 30 },
  );
});
