import { fileURLToPath } from 'node:url';
import { listTasks } from '@agentteam/volume';
import { afterEach, expect, test } from '@jest/globals';
import { AgentTeam } from './support/agent-team.ts';

// A runner around another program than Claude Code: everything that depends on the program is behind the
// interface `AgentCli`.

const main = fileURLToPath(new URL('support/line-cli/main.ts', import.meta.url));

let team: AgentTeam;
afterEach(() => team.remove());

test('an agent of another CLI completes a whole step', async () => {
  team = await AgentTeam.make({ script: {} });
  const mate = await team.start('mate', { main });
  // Its instructions use its own tool names.
  await mate.printed('says I wait for mail. Teammates see only what you send with send_mail.');
  await team.active('mate');
  await team.send('other', 'mate', 'The bug is in a.ts.');
  expect(await mate.exited).toBe(0);
  expect(await team.state('mate')).toMatchObject({
    phase: 'completed',
    turns: 1,
    report: 'Read 2 messages. [mail from other] The bug is in a.ts.',
  });
  expect(await listTasks(team.native)).toMatchObject([{ owner: 'mate', status: 'completed' }]);
  expect(await team.roster()).not.toHaveProperty('mate');
  const [mail, notice] = await team.inbox('team-lead');
  expect(mail).toMatchObject({ from: 'mate', text: 'I am done.' });
  expect(JSON.parse(notice?.text ?? '')).toMatchObject({
    type: 'idle_notification',
    from: 'mate',
    quiet: true,
  });
  expect(team.seen).toEqual([]);
});

test('an agent of another CLI continues its session after its pod was killed', async () => {
  team = await AgentTeam.make({ script: {} });
  const killed = await team.start('mate', { main });
  await killed.printed('says I wait for mail.');
  await killed.kill();
  const mate = await team.start('mate', { main, attempt: 1 });
  // It reads that it was restarted, and its first prompt is not sent again.
  await mate.printed('says I wait for mail.');
  expect(mate.log).toContain('resumed');
  await team.send('other', 'mate', 'The bug is in a.ts.');
  expect(await mate.exited).toBe(0);
  expect(await team.state('mate')).toMatchObject({
    phase: 'completed',
    report: 'Read 3 messages. [mail from other] The bug is in a.ts.',
  });
});
