import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EXIT } from '@agentteam/contract';
import { afterEach, expect, test } from '@jest/globals';
import { peopleCommand } from '../../src/people/command.ts';
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
  expect(first.log).not.toMatch(/ended with an error: $/m);
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

test.each([
  ['nothing', ''],
  ['only what the CLI notes about its queue', `{"type":"queue-operation","operation":"enqueue"}\n`],
  [
    'only the beginning of a message',
    `{"parentUuid":null,"type":"user","uuid":"a","message":{"cont`,
  ],
])('an agent whose transcript has %s, because the disk was full, begins again', async (_, text) => {
  const log = { name: 'Bash', input: { command: 'echo once >> log' } };
  team = await AgentTeam.make({
    script: { mate: { turns: [{ tools: [HOLD] }, { tools: [log, COMPLETE] }, { text: 'Done.' }] } },
  });
  const first = await team.start('mate');
  await team.busy('mate');
  expect(await first.terminate()).toBe(143);
  await writeFile(await team.transcript('mate'), text);
  await team.release('mate');
  const second = await team.start('mate', { attempt: 1 });
  expect({ code: await second.exited, log: second.log }).toMatchObject({ code: 0 });
  expect(second.log).not.toContain('resumed');
  expect(await team.state('mate')).toMatchObject({ phase: 'completed', report: 'Done.' });
});

test('an agent whose process is killed says what may have killed it', async () => {
  team = await AgentTeam.make({
    script: {
      mate: { turns: [{ tools: [{ name: 'Bash', input: { command: 'kill -9 $PPID' } }] }] },
    },
  });
  const mate = await team.start('mate');
  expect(await mate.exited).toBe(EXIT.failed);
  expect(mate.log).toContain("the agent's process exited with code 137: something killed it");
});

test('an agent whose process is killed after an interrupt does not name the interrupt as the reason', async () => {
  const background = 'until [ -e gone ]; do sleep 0.1; done; kill -9 $PPID';
  team = await AgentTeam.make({
    script: {
      mate: {
        turns: [
          { tools: [{ name: 'Bash', input: { command: background, run_in_background: true } }] },
          { tools: [HOLD] },
        ],
      },
    },
  });
  const mate = await team.start('mate');
  await team.busy('mate');
  expect(await peopleCommand({ AGENTTEAM_ROOT: mate.root }, ['interrupt', 'mate', 'Ann'])).toBe(0);
  await mate.printed('turn interrupted');
  await writeFile(join(team.work('mate'), 'gone'), '');
  expect(await mate.exited).toBe(EXIT.failed);
  expect(mate.log).toContain("the agent's process exited with code 137: something killed it");
});
