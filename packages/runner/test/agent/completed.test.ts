import { afterEach, expect, test } from '@jest/globals';
import { AgentTeam, COMPLETE } from './support/agent-team.ts';

let team: AgentTeam;
afterEach(() => team.remove());

test('a completed step that is run again does nothing', async () => {
  team = await AgentTeam.make({
    script: { mate: { turns: [{ tools: [COMPLETE] }, { text: 'Done.' }] } },
  });
  const first = await team.start('mate');
  expect(await first.exited).toBe(0);
  const before = [team.seen.length, await team.state('mate'), await team.inbox('team-lead')];
  const again = await team.start('mate', { attempt: 1 });
  expect(await again.exited).toBe(0);
  expect([team.seen.length, await team.state('mate'), await team.inbox('team-lead')]).toEqual(
    before,
  );
  expect(again.log).toBe('');
  expect(await team.state('mate')).toMatchObject({ report: 'Done.' });
});
