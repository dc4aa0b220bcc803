import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { AgentScript } from '@agentteam/rehearsal';
import { afterEach, expect, test } from '@jest/globals';
import { AgentTeam, COMPLETE } from './support/agent-team.ts';
import { answerOf, messagesTo } from './support/messages.ts';

let team: AgentTeam;
afterEach(() => team.remove());

const WRITE = { name: 'Bash', input: { command: 'echo x > written' } };

const MAIL = {
  name: 'SendMessage',
  input: { to: 'team-lead', summary: 'a plan', message: 'Yes?' },
};

function writes(...before: AgentScript['turns']): AgentScript {
  return { turns: [...before, { tools: [WRITE] }, { tools: [COMPLETE] }, { text: 'Done.' }] };
}

const written = (): Promise<void> => access(join(team.work('mate'), 'written'));

test('auto-accept: the agent acts', async () => {
  team = await AgentTeam.make({ script: { mate: writes() } });
  expect(await (await team.start('mate')).exited).toBe(0);
  await written();
});

test('plan: the agent may act only after it has presented its plan', async () => {
  team = await AgentTeam.make({
    script: { mate: writes({ tools: [WRITE, MAIL] }, { text: 'My plan: to write.' }) },
  });
  const mate = await team.start('mate', { agent: { permissionMode: 'plan' } });
  expect(await mate.exited).toBe(0);
  const [, refused, accepted] = team.seen;
  expect(refused && answerOf(refused, 'toolu_mate_1_1_1')).toMatchObject({ isError: true });
  expect(refused && answerOf(refused, 'toolu_mate_1_2_1')).toMatchObject({ isError: false });
  expect(accepted && messagesTo(accepted)).toContain('Your plan is accepted.');
  const last = team.seen.at(-1);

  expect(last && answerOf(last, 'toolu_mate_3_1_1')).toMatchObject({ isError: false });
  await written();
});

test('default: everything that the settings do not allow is refused', async () => {
  team = await AgentTeam.make({ script: { mate: writes() } });
  const mate = await team.start('mate', { agent: { permissionMode: 'default' } });
  // The agent can still take part in the team and complete its task.
  expect(await mate.exited).toBe(0);
  const last = team.seen.at(-1);
  expect(last && answerOf(last, 'toolu_mate_1_1_1')).toMatchObject({ isError: true });
  expect(last && answerOf(last, 'toolu_mate_2_1_1')).toMatchObject({ isError: false });
  await expect(written()).rejects.toThrow('ENOENT');
});
