import { listTasks } from '@agentteam/volume';
import { afterEach, expect, test } from '@jest/globals';
import { AgentTeam, COMPLETE } from './support/agent-team.ts';
import { messagesTo } from './support/messages.ts';

let team: AgentTeam;
afterEach(() => team.remove());

test('an agent gets its whole prompt even if setup has only the start of it', async () => {
  team = await AgentTeam.make({
    script: { mate: { turns: [{ tools: [COMPLETE] }, { text: 'Done.' }] } },
  });
  const prompt = `Do the part of mate.\n${'All of it. '.repeat(9_000)}END`;
  expect(await (await team.start('mate', { agent: { prompt } })).exited).toBe(0);
  const [first] = team.seen;
  expect(first ? messagesTo(first) : '').toContain(prompt);
  const [task] = await listTasks(team.native);
  expect(task).toMatchObject({ status: 'completed', description: prompt });
});
