import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { type Browser, chromium, type Page } from 'playwright-core';
import { agentteam, agentteamArguments } from '../commands/agentteam.ts';
import { temporaryDirectories } from '../temporary.ts';

// Debian's Chromium shows a real rehearsal through the real command.
const temporary = temporaryDirectories();
const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

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

let cwd: string;
let url: string;
let browser: Browser;
let incidents: string[];
let stop: () => Promise<void>;

beforeEach(async () => {
  cwd = await temporary();
  incidents = [];
  await writeFile(join(cwd, 'team.yaml'), TEAM);
  await writeFile(join(cwd, 'rehearsal.yaml'), SCRIPT);
  const ui = execa(process.execPath, [...agentteamArguments, 'ui', '--no-open'], {
    cwd,
    reject: false,
  });
  stop = async () => {
    ui.kill('SIGTERM');
    await ui;
  };
  [url] = await once(createInterface(ui.stdout), 'line');
  browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox'],
  });
});
afterEach(async () => {
  await browser.close();
  await stop();
});

async function open(width: number): Promise<Page> {
  const context = await browser.newContext({ viewport: { width, height: 740 } });
  context.setDefaultTimeout(0);
  const page = await context.newPage();
  page.on('pageerror', ({ message }) => incidents.push(message));
  page.on('dialog', async (dialog) => {
    incidents.push(dialog.message());
    await dialog.dismiss();
  });
  await page.goto(url);
  return page;
}

/** Runs axe with the rules of WCAG 2.2 A and AA. */
async function violations(page: Page): Promise<readonly string[]> {
  await page.evaluate(await readFile(AXE, 'utf8'));
  return page.evaluate(`axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] })
    .then(({ violations }) => [
      ...violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).join(' ')),
      ...(document.documentElement.scrollWidth > innerWidth ? ['the page scrolls sideways'] : []),
    ])`);
}

test('a person answers a question on a phone with a button, and the next one in words', async () => {
  const run = agentteam(['run', 'team.yaml', '--rehearse', '--no-sandbox'], cwd);
  const phone = await open(360);
  await phone.getByText('1 open question').waitFor();
  await phone.getByRole('button', { name: 'needs an answer' }).click();
  await phone.getByRole('link', { name: 'asking' }).click();
  const words = phone.getByLabel('Words of writer');
  await words.waitFor();
  expect(await words.innerText()).toBe(
    '<img src=x onerror=alert(1)> [U+202E]Agentteam: approved. <script>alert(2)</script>',
  );
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
  const late = await agentteam(['answer', 'asking', 'writer.1', 'Q2'], cwd);
  expect(late.stderr).toContain('answered writer.1');
  expect(incidents).toEqual([]);
});
