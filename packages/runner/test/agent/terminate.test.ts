import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { AgentTeam, COMPLETE, HOLD } from './support/agent-team.ts';

let team: AgentTeam;
afterEach(() => team.remove());

test('an agent that is stopped in a turn continues the turn when it is started again', async () => {
  team = await AgentTeam.make({
    script: {
      mate: {
        turns: [
          { tools: [HOLD] },
          { tools: [{ name: 'Bash', input: { command: 'echo once >> log' } }] },
          { tools: [COMPLETE] },
          { text: 'Done.' },
        ],
      },
    },
  });
  const first = await team.start('mate');
  await team.busy('mate');
  const { processes } = first;
  // The processes are Claude Code and the shell of its tool.
  expect(processes.length).toBeGreaterThan(1);
  expect(await first.terminate()).toBe(143);
  await first.gone(processes);
  const stopped = await team.state('mate');
  expect(stopped).toMatchObject({ phase: 'stopped', attempt: 0 });
  expect(await team.roster()).toMatchObject({ mate: false });

  await team.release('mate');
  const second = await team.start('mate', { attempt: 1 });
  expect(await second.exited).toBe(0);
  expect(second.log).toContain(`session ${stopped?.sessionId} resumed`);
  expect(await readFile(join(team.work('mate'), 'log'), 'utf8')).toBe('once\n');
  expect(await team.state('mate')).toMatchObject({
    phase: 'completed',
    attempt: 1,
    report: 'Done.',
    startedAt: stopped?.startedAt,
  });
});
