import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { tabTo, violations } from './browser.ts';
import { watchedTeam } from './watched-team.ts';

const TRANSCRIPT = 'transcript/researcher';
const crew = watchedTeam();

test('a reviewer sees a team start, approves it on a phone with the keyboard alone, and sees how it ended', async () => {
  const list = await crew.ui.open(1280);
  await list.getByText('There are no teams here yet.').waitFor();
  const run = crew.rehearse('--gates', 'wait');
  await list.getByText('1 open gate').waitFor();
  expect(await violations(list)).toEqual([]);
  await list.getByRole('searchbox').fill('nothing like it');
  await list.getByText('No team matches.').waitFor();
  await list.getByRole('searchbox').fill('crew');
  await list.getByRole('button', { name: 'needs approval' }).click();
  await list.getByRole('link', { name: 'crew' }).waitFor();

  const phone = await crew.ui.open(360);
  await phone.getByText('1 open gate').waitFor();
  await tabTo(phone, 'crew');
  await phone.keyboard.press('Enter');
  await phone.getByRole('heading', { name: 'spawn-writer' }).waitFor();
  expect(await violations(phone)).toEqual([]);
  await tabTo(phone, 'Reason');
  await phone.keyboard.type('the findings are right');
  await tabTo(phone, 'Approve spawn-writer');
  await phone.keyboard.press('Enter');
  await phone.getByText('the findings are right').last().waitFor();
  expect(await run).toMatchObject({ exitCode: 0 });
  await phone.locator('.head').getByText('Completed', { exact: true }).waitFor();

  const page = await crew.ui.open(1280);
  await crew.ui.show(page, 'crew', 'results');
  await page.getByText('report.md').click();
  await page.getByLabel('Content of report.md').getByText('writer').first().waitFor();
  await crew.ui.show(page, 'crew', 'costs');
  await page.getByLabel('Bands of the chart').getByText('researcher').waitFor();
  await page.getByRole('button', { name: 'By class of tokens' }).click();
  await page.getByLabel('Bands of the chart').getByText('cache read').waitFor();
  await page.getByLabel('Up to the budget of $5.00').click();
  await page.getByLabel('Bands of the chart').getByText('budget').waitFor();
  await crew.ui.show(page, 'crew', TRANSCRIPT);
  await page.getByRole('searchbox').fill('taskupdate');
  await page.getByText('TaskUpdate').first().click();
  await page.getByText('taskId', { exact: true }).first().waitFor();
  expect(crew.ui.outside()).toEqual([]);
  expect(crew.ui.incidents).toEqual([]);
});

test('an engineer pauses a team, speaks to its agents and stops it', async () => {
  const run = crew.rehearse('--gates', 'wait');
  const page = await crew.ui.open(360);
  await page.getByRole('link', { name: 'crew' }).click();
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.locator('.head').getByText('paused', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Resume' }).click();
  await page.getByRole('button', { name: 'Pause' }).waitFor();
  await crew.ui.show(page, 'crew', 'mail');
  await page.getByRole('textbox', { name: 'Message' }).fill('Use October.');
  await page.getByRole('button', { name: 'Send' }).click();
  await page.getByText('Sent to all agents.').waitFor();
  expect(await violations(page)).toEqual([]);
  await page.getByRole('button', { name: 'Stop …' }).click();
  expect(await violations(page)).toEqual([]);
  await page.getByRole('button', { name: 'Stop for good' }).click();
  expect((await run).exitCode).not.toBe(0);
  await page.locator('.head').getByText('Failed', { exact: true }).waitFor();
  const control = join(crew.cwd, '.agentteam/crew/volumes/team/control/people');
  expect((await readdir(control)).toSorted()).toContain('team-lead');
  expect(crew.ui.incidents).toEqual([]);
});

test('a page whose connection dies in silence says so, and follows the server again', async () => {
  const page = await crew.ui.open(1280);
  await page.clock.install();
  await page.reload();
  await page.getByText('There are no teams here yet.').waitFor();
  crew.ui.signal('SIGSTOP');
  await page.clock.runFor('01:00');
  const problem = page.getByText('The server does not answer. Is it still running?');
  await problem.waitFor();
  crew.ui.signal('SIGCONT');
  await page.clock.runFor('00:02');
  await problem.waitFor({ state: 'detached' });
  expect(crew.ui.incidents).toEqual([]);
});
