// Makes the pictures in docs/images from rehearsals of two examples. Needs Chromium and pngquant
// (apt-get install chromium pngquant). `npm run screenshots` rehearses in a new directory, which takes a few
// minutes; `npm run screenshots -- DIRECTORY` shows the runs of an earlier call again.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { nodeProgram, ROOT } from './ensure.mjs';

const { chromium } = createRequire(join(ROOT, 'packages/cli/'))('playwright-core');
const program = [nodeProgram(), join(ROOT, 'bin/agentteam.mjs')];
const images = join(ROOT, 'docs/images');
const [, , given] = process.argv;
const directory = given ?? mkdtempSync(join(tmpdir(), 'screenshots-'));
const DESKTOP = { width: 1180, height: 760 };
const PHONE = { width: 360, height: 740 };

/** Runs a command of agentteam to its end. */
function agentteam(...args) {
  const [node, main] = program;
  execFileSync(node, [main, ...args], { cwd: directory, stdio: ['ignore', 'ignore', 'inherit'] });
}

/** Starts a command. @returns the process, and a function that waits for a line of its output. */
function start(...args) {
  const [node, main] = program;
  const child = spawn(node, [main, ...args], {
    cwd: directory,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface(child.stdout);
  return { child, line: async () => (await once(lines, 'line'))[0] };
}

/** Takes a picture of the window. */
async function shoot(page, name) {
  const path = join(images, `${name}.png`);
  await page.screenshot({ path });
  execFileSync('pngquant', ['--force', '--strip', '--speed=1', '--output', path, '64', path]);
  process.stdout.write(`docs/images/${name}.png\n`);
}

mkdirSync(images, { recursive: true });
let gated;
if (given === undefined) {
  process.stdout.write(`Rehearsing in ${directory}\n`);
  for (const name of ['auth-refactor', 'q3-report']) {
    cpSync(join(ROOT, 'examples', name), join(directory, name), { recursive: true });
  }
  agentteam('run', 'auth-refactor/team.yaml', '--rehearse', '--no-sandbox');
  gated = start('run', 'q3-report/team.yaml', '--rehearse', '--no-sandbox', '--gates', 'wait');
}
const ui = start('ui', '--no-open');
const url = await ui.line();
const { origin } = new URL(url);
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox'],
});

async function open(viewport, colorScheme) {
  const context = await browser.newContext({
    viewport,
    colorScheme,
    deviceScaleFactor: viewport === PHONE ? 2 : 1,
    timezoneId: 'UTC',
  });
  context.setDefaultTimeout(0);
  const page = await context.newPage();
  await page.goto(url);
  return page;
}
async function show(page, path) {
  await page.goto(`${origin}/#/team/${path}`);
  await page.locator('main .card').first().waitFor();
}

const page = await open(DESKTOP, 'light');
const phone = await open(PHONE, 'dark');
await page.getByText('1 open gate').waitFor();
await show(page, 'q3-report/overview');
// The researcher has ended, so that the steps have different states.
await page.locator('.step.done').first().waitFor();
await page.setViewportSize({ ...DESKTOP, height: 1120 });
await shoot(page, 'page-overview');
await show(phone, 'q3-report/overview');
await phone.getByLabel('Reason').fill('The findings are right.');
await shoot(phone, 'page-phone');
await page.goto(`${origin}/#/`);
await page.getByText('1 open gate').waitFor();
await page.setViewportSize({ ...DESKTOP, height: 330 });
await shoot(page, 'page-list');
await page.setViewportSize(DESKTOP);
await show(page, 'auth-refactor/costs');
await shoot(page, 'page-costs');
await show(page, 'auth-refactor/timeline');
await page.setViewportSize({ ...DESKTOP, height: 560 });
await shoot(page, 'page-timeline');
await page.setViewportSize(DESKTOP);
await show(page, 'auth-refactor/results');
await page.getByText('src/middleware/require-user.js').first().click();
await page.locator('.patch').first().waitFor();
await page.locator('.card').nth(1).scrollIntoViewIfNeeded();
await shoot(page, 'page-changes');
await show(page, 'auth-refactor/transcript/backend-api');
await page.getByText('Run the tests').first().click();
await page.locator('.entry pre').first().waitFor();
await shoot(page, 'page-transcript');
agentteam('report', 'auth-refactor', '-o', 'report.html');
await page.goto(pathToFileURL(join(directory, 'report.html')).href);
await shoot(page, 'report');

await browser.close();
ui.child.kill('SIGTERM');
if (gated !== undefined) {
  agentteam('approve', 'q3-report', 'spawn-email-drafter');
  await once(gated.child, 'exit');
}
