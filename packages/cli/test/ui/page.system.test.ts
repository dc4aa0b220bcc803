import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { agentteam } from '../commands/agentteam.ts';
import { temporaryDirectories } from '../temporary.ts';
import { tabTo, UiBrowser, violations } from './browser.ts';

// Debian's Chromium shows a real rehearsal through the real command.
const temporary = temporaryDirectories();
const TRANSCRIPT = 'transcript/researcher';

const TEAM = `
apiVersion: claude.amcheste.io/v1alpha1
kind: AgentTeam
metadata: { name: crew, namespace: dev }
spec:
  workspace: { output: {} }
  auth: { apiKeySecret: anthropic-api-key }
  lead: { model: haiku, prompt: Coordinate. }
  teammates:
    - { name: researcher, model: haiku, prompt: Analyse. }
    - { name: writer, model: haiku, prompt: Write., dependsOn: [researcher] }
  lifecycle:
    budgetLimit: "5.00"
    approvalGates: [{ event: spawn-writer }]
`;

let cwd: string;
let ui: UiBrowser;

beforeEach(async () => {
  cwd = await temporary();
  await writeFile(join(cwd, 'team.yaml'), TEAM);
  ui = await UiBrowser.start(cwd);
});
afterEach(() => ui.close());

test('a reviewer sees a team start, approves it on a phone with the keyboard alone, and sees how it ended', async () => {
  const list = await ui.open(1280);
  await list.getByText('There are no teams here yet.').waitFor();
  const run = agentteam(['run', 'team.yaml', '--rehearse', '--no-sandbox', '--gates', 'wait'], cwd);
  await list.getByText('1 open gate').waitFor();
  expect(await violations(list)).toEqual([]);
  await list.getByRole('searchbox').fill('nothing like it');
  await list.getByText('No team matches.').waitFor();
  await list.getByRole('searchbox').fill('crew');
  await list.getByRole('button', { name: 'needs approval' }).click();
  await list.getByRole('link', { name: 'crew' }).waitFor();

  const phone = await ui.open(360);
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

  const page = await ui.open(1280);
  await ui.show(page, 'crew', 'results');
  await page.getByText('report.md').click();
  await page.getByLabel('Content of report.md').getByText('writer').first().waitFor();
  await ui.show(page, 'crew', 'costs');
  await page.getByLabel('Bands of the chart').getByText('researcher').waitFor();
  await page.getByRole('button', { name: 'By class of tokens' }).click();
  await page.getByLabel('Bands of the chart').getByText('cache read').waitFor();
  await page.getByLabel('Up to the budget of $5.00').click();
  await page.getByLabel('Bands of the chart').getByText('budget').waitFor();
  await ui.show(page, 'crew', TRANSCRIPT);
  await page.getByRole('searchbox').fill('taskupdate');
  await page.getByText('TaskUpdate').first().click();
  await page.getByText('taskId', { exact: true }).first().waitFor();
  expect(ui.outside()).toEqual([]);
  expect(ui.incidents).toEqual([]);
});
