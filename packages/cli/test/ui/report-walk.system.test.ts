import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { execa } from 'execa';
import type { Browser } from 'playwright-core';
import { agentteam } from '../commands/agentteam.ts';
import { temporaryDirectories } from '../temporary.ts';
import { launch, violations } from './browser.ts';

// A manager gets the report of a team by mail: reads it, and prints it.
const temporary = temporaryDirectories();
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

beforeEach(async () => {
  cwd = await temporary();
  browser = await launch();
});
afterEach(() => browser.close());

test('a manager reads the report without a server, and prints all of it', async () => {
  await writeFile(join(cwd, 'team.yaml'), TEAM);
  const rehearse = ['run', 'team.yaml', '--rehearse', '--no-sandbox', '--approve', 'all'];
  expect(await agentteam(rehearse, cwd)).toMatchObject({ exitCode: 0 });
  expect(await agentteam(['report', 'crew'], cwd)).toMatchObject({ exitCode: 0 });

  const sections: string[] = [];
  for (const [width, colorScheme] of [
    [360, 'light'],
    [360, 'dark'],
    [1280, 'light'],
    [1280, 'dark'],
  ] as const) {
    const context = await browser.newContext({ viewport: { width, height: 740 }, colorScheme });
    const page = await context.newPage();
    await page.goto(pathToFileURL(join(cwd, 'crew-report.html')).href);
    expect({ width, colorScheme, found: await violations(page) }).toMatchObject({ found: [] });
    sections.push(...(await page.locator('h2').allInnerTexts()));
  }
  const titles = [...new Set(sections)];
  expect(titles).toEqual(
    expect.arrayContaining(
      'Outcome Results Decisions Steps Timeline Agents Tasks Conversation Costs Events'.split(' '),
    ),
  );

  const page = await browser.newPage();
  await page.goto(pathToFileURL(join(cwd, 'crew-report.html')).href);
  const events = await page.locator('section[aria-labelledby="events"] tbody tr').allTextContents();
  const pdf = join(cwd, 'report.pdf');
  await page.pdf({ path: pdf, format: 'A4' });
  const { stdout } = await execa('pdftotext', ['-layout', pdf, '-']);
  for (const title of titles) expect(stdout).toMatch(new RegExp(`^\\s*${title}$`, 'm'));
  // Sections that are folded on the screen are printed, and nothing is cut off at the side of the paper.
  expect(events.length).toBeGreaterThan(3);
  expect(stdout).toContain('writer ended');
  expect(stdout).toContain('Cache write');
  expect(stdout.replaceAll(/\s+/g, ' ')).toContain('This was a rehearsal');
});
