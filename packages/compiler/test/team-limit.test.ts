import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { checkObject, compile, teamLimitOf, withTeamLimit } from '../src/index.ts';
import { validTeam } from './arbitrary-team.ts';

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
      const before = compiledWith('5.00');
      const raised = withTeamLimit(before, '50.00');
      expect(raised).toEqual({ ...before, spec: compiledWith('50.00').spec });
      expect(teamLimitOf(raised)).toBe('50.00');
    }),
    { numRuns: 30 },
  );
});
