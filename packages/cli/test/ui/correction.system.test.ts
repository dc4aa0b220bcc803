import { readdir, readFile, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { agentteam } from '../commands/agentteam.ts';
import { violations } from './browser.ts';
import { watchedTeam } from './watched-team.ts';

// An engineer corrects one of two busy agents in the middle of a turn, and then interrupts it.
const ME = userInfo().username;
const TEAM = `
apiVersion: claude.amcheste.io/v1alpha1
kind: AgentTeam
metadata: { name: crew }
spec:
  workspace: { output: {} }
  auth: { apiKeySecret: key }
  lead: { model: haiku, prompt: Coordinate. }
  teammates:
    - { name: writer, model: haiku, prompt: Write. }
    - { name: editor, model: haiku, prompt: Edit. }
`;
/** Both agents are busy until somebody makes the files in their directories. */
const agent = (task: string) => `
    turns:
      - text: I read the figures of September.
        tools: [{ name: Bash, input: { command: "until [ -e first ]; do sleep 0.1; done" } }]
      - tools: [{ name: Bash, input: { command: "until [ -e second ]; do sleep 0.1; done" } }]
      - tools: [{ name: TaskUpdate, input: { taskId: "${task}", status: completed } }]
      - tools: [{ name: report, input: { outcome: completed, summary: Written. } }]
      - text: done`;
const SCRIPT = `
agents:
  writer:${agent('1')}
  editor:${agent('2')}
`;

const crew = watchedTeam(TEAM, SCRIPT);

const volume = () => join(crew.cwd, '.agentteam/crew/volumes/team');
const release = (name: string, file: string) => writeFile(join(volume(), 'work', name, file), '');
const journal = (name: string) =>
  readFile(join(volume(), 'sessions', name, 'journal.jsonl'), 'utf8');

test('an engineer corrects an agent in the middle of a turn, interrupts it, and lets it go on', async () => {
  const run = crew.rehearse();
  const page = await crew.ui.open(1280);
  await page.getByRole('link', { name: 'crew' }).click();
  await page.getByText('Using Bash').nth(1).waitFor();
  await page.getByRole('link', { name: 'Speak to writer' }).click();
  expect(await page.locator('form.tell select').inputValue()).toBe('writer');
  await page.goBack();
  await page.getByRole('link', { name: 'Transcript of writer' }).click();
  await page.getByText('I read the figures of September.').waitFor();
  await page.getByText('no result yet').waitFor();
  // The transcript can be ahead of what the page knows of the agent, by which it says when the message is read.
  await page.locator('form.tell').getByText('Using Bash').waitFor();
  await page.getByLabel('Message to writer').fill('Use the figures of October.');
  await page.getByRole('button', { name: 'Send' }).click();
  await page.getByText('Sent to writer. The agent reads it when its tool has ended.').waitFor();
  // The command is still running.
  await page.getByText('no result yet').waitFor();
  expect(await page.locator('.entry.person').count()).toBe(0);
  expect(await violations(page)).toEqual([]);

  await release('writer', 'first');
  const correction = page.locator('.entry.person');
  await correction.getByText('Use the figures of October.').waitFor();
  expect(await correction.innerText()).toContain(`from ${ME}`);
  // The agent has read it in its first turn, and goes on.
  await page.getByText('no result yet').waitFor();
  expect(await journal('writer')).not.toContain('turn-ended');
  expect(await readdir(join(volume(), 'control/people'))).toEqual(['writer']);

  await page.getByRole('button', { name: 'Interrupt writer' }).click();
  await page.getByText(`Interrupted by ${ME}, waiting for a message`).waitFor();
  expect(await violations(page)).toEqual([]);
  const { stdout } = await agentteam(['get', 'crew'], crew.cwd);
  expect(stdout).toContain(`Now: interrupted by ${ME}, waiting for a message for`);
  await page.getByRole('button', { name: 'Let writer go on' }).click();
  await correction.getByText('Go on with your work.').waitFor();

  await release('writer', 'second');
  await release('editor', 'first');
  await release('editor', 'second');
  expect(await run).toMatchObject({ exitCode: 0 });
  expect(await journal('editor')).not.toContain('October');
  await crew.ui.show(page, 'crew', 'mail');
  await page.getByText('Use the figures of October.').waitFor();
  expect(crew.ui.incidents).toEqual([]);
});
