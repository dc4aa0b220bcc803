import { once } from 'node:events';
import { appendFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { type Browser, chromium, type Page } from 'playwright-core';
import { agentteam, agentteamArguments } from '../commands/agentteam.ts';
import { temporaryDirectories } from '../temporary.ts';

// Debian's Chromium shows a real rehearsal through the real command.
const temporary = temporaryDirectories();
const CHROMIUM = '/usr/bin/chromium';
const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const VIEWS = ['overview', 'timeline', 'tasks', 'mail', 'costs', 'results', 'events'];
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
let browser: Browser;
/** Ends the server. */
let stop: () => Promise<void>;
let url: string;
/** Addresses of all requests of the pages. */
let requested: string[];
/** Errors, dialogs and messages of the pages. */
let incidents: string[];

beforeEach(async () => {
  cwd = await temporary();
  await writeFile(join(cwd, 'team.yaml'), TEAM);
  const ui = execa(process.execPath, [...agentteamArguments, 'ui', '--no-open'], {
    cwd,
    reject: false,
  });
  stop = async () => {
    ui.kill('SIGTERM');
    await ui;
  };
  [url] = await once(createInterface(ui.stdout), 'line');
  browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  [requested, incidents] = [[], []];
});
afterEach(async () => {
  await browser.close();
  await stop();
});

async function open(width: number, colorScheme: 'light' | 'dark' = 'light'): Promise<Page> {
  const context = await browser.newContext({ viewport: { width, height: 740 }, colorScheme });
  // Only the limit of the whole test counts.
  context.setDefaultTimeout(0);
  const page = await context.newPage();
  page.on('request', (request) => requested.push(request.url()));
  page.on('pageerror', ({ message }) => incidents.push(message));
  page.on('console', (message) => incidents.push(message.text()));
  page.on('dialog', async (dialog) => {
    incidents.push(dialog.message());
    await dialog.dismiss();
  });
  await page.goto(url);
  return page;
}

async function show(page: Page, view: string): Promise<void> {
  await page.goto(`${new URL(url).origin}/#/team/crew/${view}`);
  await page.locator('main .card').first().waitFor();
}

/** Runs axe with the rules of WCAG 2.2 A and AA. @returns its violations, and whether the page is too wide. */
async function violations(page: Page): Promise<readonly string[]> {
  await page.evaluate(await readFile(AXE, 'utf8'));
  return page.evaluate(`axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] })
    .then(({ violations }) => [
      ...violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).join(' ')),
      ...(document.documentElement.scrollWidth > innerWidth ? ['the page scrolls sideways'] : []),
    ])`);
}

const outside = (): readonly string[] =>
  requested.filter((address) => !address.startsWith(new URL(url).origin) && address !== 'data:,');

test('a reviewer sees a team start, approves it on a phone, and sees how it ended', async () => {
  const list = await open(1280);
  await list.getByText('There are no teams here yet.').waitFor();
  const run = agentteam(['run', 'team.yaml', '--rehearse', '--no-sandbox', '--gates', 'wait'], cwd);
  await list.getByText('1 open gate').waitFor();
  expect(await violations(list)).toEqual([]);
  await list.getByRole('searchbox').fill('nothing like it');
  await list.getByText('No team matches.').waitFor();
  await list.getByRole('searchbox').fill('crew');
  await list.getByRole('button', { name: 'needs approval' }).click();
  await list.getByRole('link', { name: 'crew' }).waitFor();

  const phone = await open(360);
  await phone.getByRole('link', { name: 'crew' }).waitFor();
  for (let presses = 0; presses < 7; presses += 1) await phone.keyboard.press('Tab');
  expect(await phone.locator(':focus').innerText()).toBe('crew');
  await phone.keyboard.press('Enter');
  await phone.getByRole('heading', { name: 'spawn-writer' }).waitFor();
  expect(await violations(phone)).toEqual([]);
  await phone.getByLabel('Reason').fill('the findings are right');
  await phone.getByRole('button', { name: 'Approve spawn-writer' }).click();
  await phone.getByText('the findings are right').last().waitFor();
  expect(await run).toMatchObject({ exitCode: 0 });
  await phone.locator('.head').getByText('Completed', { exact: true }).waitFor();

  for (const [width, scheme] of [
    [360, 'light'],
    [360, 'dark'],
    [1280, 'light'],
    [1280, 'dark'],
  ] as const) {
    const page = await open(width, scheme);
    for (const view of [...VIEWS, TRANSCRIPT]) {
      await show(page, view);
      expect({ width, scheme, view, found: await violations(page) }).toMatchObject({ found: [] });
    }
  }
  const page = await open(1280);
  await show(page, 'results');
  await page.getByText('report.md').click();
  await page.getByLabel('Content of report.md').getByText('writer').first().waitFor();
  await show(page, TRANSCRIPT);
  await page.getByText('TaskUpdate').first().click();
  await page.getByText('"taskId"').first().waitFor();
  expect(outside()).toEqual([]);
  expect(incidents).toEqual([]);
});

test('what an agent writes does nothing in the page', async () => {
  await agentteam(['run', 'team.yaml', '--rehearse', '--no-sandbox'], cwd);
  const script = '<img src=x onerror=alert(1)><script>alert(2)</script>';
  const runs = join(cwd, '.agentteam/crew');
  await writeFile(join(runs, 'output', `${script.replaceAll('/', '∕')}.md`), `# ${script}\n`);
  await writeFile(
    join(runs, 'output/picture.svg'),
    `<svg xmlns="http://www.w3.org/2000/svg" onload="alert(3)"/>`,
  );
  const transcript = await transcriptOf(join(runs, 'volumes/team/sessions/researcher'));
  const line = (text: string): string =>
    `${JSON.stringify({
      type: 'assistant',
      timestamp: new Date().toISOString(),
      message: { content: [{ type: 'text', text }] },
    })}\n`;
  await appendFile(transcript, line(`${script} \u001b[31mred\u202e [a](javascript:alert(4))`));
  await appendFile(transcript, line('x'.repeat(50_000_000)));
  await appendFile(transcript, line('the last line'));

  const page = await open(360);
  await show(page, 'results');
  const file = page.getByText('<img src=x onerror=alert(1)>').first();
  await file.click();
  await page.getByText(`# ${script}`).waitFor();
  expect(await violations(page)).toEqual([]);
  await show(page, TRANSCRIPT);
  await page.getByText('bytes was left out').first().waitFor();
  await page.getByRole('button', { name: 'Show more' }).click();
  await page.getByText('the last line').waitFor();
  const text = await page.locator('main').innerText();
  expect(text).toContain(`${script} red[U+202E] [a](javascript:alert(4))`);
  expect(text.length).toBeLessThan(200_000);
  expect(await page.locator('main :is(script, img, iframe, a[href^="javascript"])').count()).toBe(
    0,
  );
  expect(outside()).toEqual([]);
  expect(incidents).toEqual([]);
});

/** Finds the transcript below a directory of sessions. */
async function transcriptOf(sessions: string): Promise<string> {
  const files = await readdir(sessions, { recursive: true });
  const name = files.find((file) => /^projects.*\.jsonl$/.test(file));
  if (name === undefined) throw new Error('the agent has no transcript');
  return join(sessions, name);
}

test('an engineer pauses a team, speaks to its agents and stops it', async () => {
  const run = agentteam(['run', 'team.yaml', '--rehearse', '--no-sandbox', '--gates', 'wait'], cwd);
  const page = await open(360);
  await page.getByRole('link', { name: 'crew' }).click();
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.locator('.head').getByText('paused', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Resume' }).click();
  await page.getByRole('button', { name: 'Pause' }).waitFor();
  await show(page, 'mail');
  await page.getByRole('textbox', { name: 'Message' }).fill('Use October.');
  await page.getByRole('button', { name: 'Send' }).click();
  await page.getByText('Sent to all agents.').waitFor();
  expect(await violations(page)).toEqual([]);
  await page.getByRole('button', { name: 'Stop …' }).click();
  expect(await violations(page)).toEqual([]);
  await page.getByRole('button', { name: 'Stop for good' }).click();
  expect((await run).exitCode).not.toBe(0);
  await page.locator('.head').getByText('Failed', { exact: true }).waitFor();
  const control = join(cwd, '.agentteam/crew/volumes/team/control/people');
  expect((await readdir(control)).toSorted()).toContain('team-lead');
  expect(incidents).toEqual([]);
});
