import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from '@jest/globals';
import { agentteam } from '../commands/agentteam.ts';
import { UNFOLD, violations } from './browser.ts';
import { CREW, watchedTeam } from './watched-team.ts';

const VIEWS = [
  ...['overview', 'timeline', 'tasks', 'mail', 'costs', 'results', 'events'],
  'transcript/researcher',
];
/** Long names must not make a phone's page scroll sideways. */
const LONG = 'writer-of-the-summary-for-the-board-of-directors-2027';
const crew = watchedTeam(CREW.replaceAll('writer', LONG));

test('every view fits a phone and meets WCAG 2.2 AA, light and dark, with everything unfolded', async () => {
  expect(await crew.rehearse('--approve', 'all')).toMatchObject({ exitCode: 0 });
  for (const [width, scheme] of [
    [360, 'light'],
    [360, 'dark'],
    [1280, 'light'],
    [1280, 'dark'],
  ] as const) {
    const page = await crew.ui.open(width, scheme);
    for (const view of VIEWS) {
      await crew.ui.show(page, 'crew', view);
      await page.evaluate(UNFOLD);
      expect({ width, scheme, view, found: await violations(page) }).toMatchObject({ found: [] });
      expect(await page.evaluate(CURRENT_IS_SEEN)).toBe(true);
    }
  }
  expect(crew.ui.incidents).toEqual([]);

  await agentteam(['report', 'crew', '-o', 'report.html'], crew.cwd);
  const report = pathToFileURL(join(crew.cwd, 'report.html')).href;
  expect(await violations(await crew.ui.open(360, 'light', report))).toEqual([]);

  // What was shown stays, with a sentence about what is wrong.
  const page = await crew.ui.open(360);
  await crew.ui.show(page, 'crew', 'overview');
  const runs = join(crew.cwd, '.agentteam');
  await rename(join(runs, 'crew'), join(crew.cwd, 'crew'));
  await page.getByRole('alert').getByText('there is no run crew').waitFor();
  expect(await page.getByRole('heading', { name: 'Steps' }).count()).toBe(1);
  await page.getByRole('link', { name: 'agentteam' }).click();
  await page.getByText('There are no teams here yet.').waitFor();
  await mkdir(join(runs, 'broken'));
  await writeFile(join(runs, 'broken/run.json'), '{');
  await page.getByText(/^broken cannot be shown: .*run\.json cannot be read/).waitFor();
  expect(await page.getByText('There are no teams here yet.').count()).toBe(0);
  expect(await violations(page)).toEqual([]);
  await crew.ui.stop();
  await page.getByText('The server does not answer. Is it still running?').waitFor();
});

/** Whether the link of the current view is inside the window, if there is one. */
const CURRENT_IS_SEEN = `[...document.querySelectorAll('nav [aria-current]')]
  .every((link) => link.getBoundingClientRect().right <= innerWidth)`;
