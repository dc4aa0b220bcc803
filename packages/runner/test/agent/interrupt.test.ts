import { join } from 'node:path';
import { VOLUME } from '@agentteam/contract';
import { sendPersonMessage } from '@agentteam/volume';
import { afterEach, expect, test } from '@jest/globals';
import { peopleCommand } from '../../src/people/command.ts';
import { activityIn } from './support/activity.ts';
import { AgentTeam, COMPLETE, HOLD, REPORT } from './support/agent-team.ts';
import { messagesTo, peopleIn } from './support/messages.ts';

let team: AgentTeam;
afterEach(() => team.remove());

const SCRIPT = {
  mate: {
    turns: [{ tools: [HOLD] }, { tools: [COMPLETE] }, { tools: [REPORT] }, { text: 'Done.' }],
  },
};

const tell = (text: string) =>
  sendPersonMessage(join(team.place.volume, VOLUME.control), 'mate', { by: 'Ann', text });

test('a person interrupts a turn; the agent waits for their message, across a kill, and goes on with it', async () => {
  team = await AgentTeam.make({ script: SCRIPT });
  const mate = await team.start('mate');
  await team.busy('mate');
  await team.send('team-lead', 'mate', 'Hurry.');
  await team.queued('mate', 'Hurry.');
  const env = { AGENTTEAM_ROOT: mate.root };
  expect(await peopleCommand(env, ['interrupt', 'mate', 'Ann'])).toBe(0);
  // What Claude Code has queued starts another turn, which is interrupted as well.
  await mate.printed('turn interrupted', 2);
  const state = join(team.place.volume, VOLUME.state);
  expect(await activityIn(state, 'mate', 'interrupted')).toMatchObject({ text: 'Ann' });
  await team.send('other', 'mate', 'Use November.');
  await mate.kill();

  const again = await team.start('mate', { attempt: 1 });
  await again.printed('resumed');
  const { since } = await activityIn(state, 'mate', 'idle');
  const interrupted = await activityIn(state, 'mate', 'interrupted');
  expect(interrupted.text).toBe('Ann');
  expect(interrupted.since >= since).toBe(true);
  // The rehearsal repeats the call that was interrupted.
  await team.release('mate');
  await tell('Use October.');
  expect(await again.exited).toBe(0);
  const seen = await team.request((one) => messagesTo(one).includes('Use October.'));
  expect(peopleIn(seen)).toEqual([{ by: 'Ann', text: 'Use October.' }]);
  // The mail of another agent waited for the person's message.
  const other = await team.request((one) => messagesTo(one).includes('Use November.'));
  expect(team.seen.indexOf(other)).toBeGreaterThanOrEqual(team.seen.indexOf(seen));
  expect(again.log).not.toContain('interrupted the turn');
});
