import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from '@jest/globals';
import { execa } from 'execa';
import { agentteam } from '../commands/agentteam.ts';
import { violations } from './browser.ts';
import { watchedTeam } from './watched-team.ts';

// A manager gets the report of a team by mail: reads it, and prints it.
const crew = watchedTeam();

test('a manager reads the report without a server, and prints all of it', async () => {
  expect(await crew.rehearse('--approve', 'all')).toMatchObject({ exitCode: 0 });
  expect(await agentteam(['report', 'crew'], crew.cwd)).toMatchObject({ exitCode: 0 });
  const report = pathToFileURL(join(crew.cwd, 'crew-report.html')).href;

  const sections: string[] = [];
  for (const [width, colorScheme] of [
    [360, 'light'],
    [360, 'dark'],
    [1280, 'light'],
    [1280, 'dark'],
  ] as const) {
    const page = await crew.ui.open(width, colorScheme, report);
    expect({ width, colorScheme, found: await violations(page) }).toMatchObject({ found: [] });
    sections.push(...(await page.locator('h2').allInnerTexts()));
  }
  const titles = [...new Set(sections)];
  expect(titles).toEqual(
    expect.arrayContaining(
      'Outcome Results Decisions Steps Timeline Agents Tasks Conversation Costs Events'.split(' '),
    ),
  );

  const page = await crew.ui.open(1280, 'light', report);
  const events = await page.locator('section[aria-labelledby="events"] tbody tr').allTextContents();
  const pdf = join(crew.cwd, 'report.pdf');
  await page.pdf({ path: pdf, format: 'A4' });
  const { stdout } = await execa('pdftotext', ['-layout', pdf, '-']);
  for (const title of titles) expect(stdout).toMatch(new RegExp(`^\\s*${title}$`, 'm'));
  // Sections that are folded on the screen are printed, and nothing is cut off at the side of the paper.
  expect(events.length).toBeGreaterThan(3);
  expect(stdout).toContain('writer ended');
  expect(stdout).toContain('Cache write');
  expect(stdout.replaceAll(/\s+/g, ' ')).toContain('This was a rehearsal');
});
