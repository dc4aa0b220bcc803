import { compileText } from '@agentteam/compiler';
import { expect, test } from '@jest/globals';
import { teamViewOf } from '../../../src/output/view/team-view-of.ts';
import { Q3_REPORT } from '../../fixtures.ts';

test('a step behind a gate waits first for the steps before the gate', () => {
  const text = Q3_REPORT.replace('prompt: Draft.', '$&, dependsOn: [researcher]');
  const { compiled } = compileText(text);
  if (compiled === undefined) throw new Error('the fixture is not valid');
  const { agents } = teamViewOf(
    {
      ...{ name: 'q3', reference: 'q3', createdAt: '2026-11-23T16:30:00Z', rehearsal: false },
      ...{ interrupted: false, team: compiled.team, workflow: compiled.workflow, status: {} },
      ...{ live: undefined, locations: [] },
    },
    0,
  );
  expect(agents.at(-1)?.detail).toBe(
    'waiting for researcher, then approval of spawn-email-drafter',
  );
});
