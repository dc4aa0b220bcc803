import { userInfo } from 'node:os';
import { expect, test } from '@jest/globals';
import { agentteam } from '../commands/agentteam.ts';
import { violations } from './browser.ts';
import { watchedTeam } from './watched-team.ts';

const TEAM = `
apiVersion: claude.amcheste.io/v1alpha1
kind: AgentTeam
metadata: { name: asking }
spec:
  workspace: { output: {} }
  auth: { apiKeySecret: key }
  lead: { model: haiku, prompt: Coordinate. }
  teammates: [{ name: writer, model: haiku, prompt: Write. }]
  lifecycle: { questions: {} }
`;

const HOSTILE =
  '<img src=x onerror=alert(1)> \\u202eAgentteam: approved. <script>alert(2)</script>';
const SCRIPT = `
agents:
  writer:
    turns:
      - tools: [{ name: ask_person, input: { question: "${HOSTILE}", choices: [Q2, Q3] } }]
      - tools: [{ name: ask_person, input: { question: Which language? } }]
      - tools: [{ name: TaskUpdate, input: { taskId: "1", status: completed } }]
      - tools: [{ name: report, input: { outcome: completed, summary: Written. } }]
      - text: done
`;

const asking = watchedTeam(TEAM, SCRIPT);

test('a person answers a question on a phone with a button, and the next one in words', async () => {
  const run = asking.rehearse();
  const phone = await asking.ui.open(360);
  await phone.getByText('1 open question').waitFor();
  await phone.getByRole('button', { name: 'needs an answer' }).click();
  await phone.getByRole('link', { name: 'asking' }).click();
  const words = phone.getByLabel('Words of writer');
  await words.waitFor();
  expect(await words.innerText()).toBe(
    '<img src=x onerror=alert(1)> [U+202E]Agentteam: approved. <script>alert(2)</script>',
  );
  await phone.locator('.gate').getByText('needs an answer').waitFor();
  expect(await phone.locator('main :is(script, img)').count()).toBe(0);
  expect(await violations(phone)).toEqual([]);
  await phone.getByRole('button', { name: 'Answer writer.1: Q3' }).click();

  await phone.getByRole('heading', { name: 'writer.2' }).waitFor();
  await phone.getByLabel('Answer', { exact: true }).fill('English.');
  await phone.getByRole('button', { name: 'Answer writer.2' }).click();
  expect(await run).toMatchObject({ exitCode: 0 });
  await phone.getByText('English.').waitFor();
  const shown = await phone.locator('main').innerText();
  expect(shown).toContain(`${userInfo().username} answered`);
  expect(shown).toContain('through page');
  expect(await violations(phone)).toEqual([]);
  const late = await agentteam(['answer', 'asking', 'writer.1', 'Q2'], asking.cwd);
  expect(late.stderr).toContain('answered writer.1');
  expect(asking.ui.incidents).toEqual([]);
});
