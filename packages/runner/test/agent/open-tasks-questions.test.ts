import { EXIT } from '@agentteam/contract';
import { afterEach, expect, test } from '@jest/globals';
import { AgentTeam, COMPLETE } from './support/agent-team.ts';
import { messagesTo } from './support/messages.ts';

let team: AgentTeam;
afterEach(() => team.remove());

const ASKED = /these tasks of yours are not completed: #1 "Do the part of mate\." \(pending\)/g;

test('an agent that leaves a task open is asked three times, and then its step fails finally', async () => {
  team = await AgentTeam.make({ script: { mate: { turns: [{ text: 'That was enough.' }] } } });
  const mate = await team.start('mate');
  expect(await mate.exited).toBe(EXIT.unfinished);
  expect(team.seen.map((seen) => messagesTo(seen).match(ASKED)?.length ?? 0)).toEqual([0, 1, 2, 3]);
  const message = 'left tasks open: #1 Do the part of mate.';
  expect(await team.state('mate')).toMatchObject({ phase: 'failed', message });
  const last = JSON.parse((await team.inbox('team-lead')).at(-1)?.text ?? '');
  expect(last).toMatchObject({ idleReason: 'failed', failureReason: message });
});

test('an agent that completes the task when it is asked has completed', async () => {
  team = await AgentTeam.make({
    script: { mate: { turns: [{ text: 'Enough?' }, { tools: [COMPLETE] }, { text: 'Now.' }] } },
  });
  const mate = await team.start('mate');
  expect(await mate.exited).toBe(EXIT.ok);
  expect(await team.state('mate')).toMatchObject({ phase: 'completed', report: 'Now.' });
});
