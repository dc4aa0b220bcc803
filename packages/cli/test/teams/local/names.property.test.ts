import { workflowName } from '@agentteam/compiler';
import { OBJECT_NAME } from '@agentteam/contract';
import { nativeName } from '@agentteam/volume';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isRunName } from '../../../src/teams/local/runs-directory.ts';

/** Names that the API server accepts for a team. */
const teamName = fc
  .array(fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/), { minLength: 1, maxLength: 6 })
  .map((labels) => labels.join('.'))
  .filter((name) => name.length <= 253);

test('a team name that the cluster accepts is valid for the Workflow, the run and Claude Code', () => {
  fc.assert(
    fc.property(teamName, (name) => {
      expect(name).toMatch(OBJECT_NAME);
      const workflow = workflowName(name);
      expect(workflow).toMatch(OBJECT_NAME);
      expect(workflow.length).toBeLessThanOrEqual(52);
      expect(isRunName(workflow)).toBe(true);
      // Claude Code writes everything but letters, digits and hyphens as hyphens.
      expect(nativeName(workflow)).toMatch(/^[a-z0-9-]+$/);
    }),
  );
});

test.each(['..', '.q3', 'q3.', 'a..b', 'a/b', 'Q3', '', 'a'.repeat(101)])(
  '%j is not a valid name of a run',
  (name) => {
    expect(isRunName(name)).toBe(false);
  },
);
