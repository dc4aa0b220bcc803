import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Browser, chromium, type Page } from 'playwright-core';
import { UiBrowser } from '../../packages/cli/test/ui/browser.ts';
import { SYSTEM } from '../chart/helm.ts';
import { Cluster } from '../controller/cluster.ts';
import { team } from '../controller/teams.ts';
import { ConsoleProcess } from './console.ts';
import { ALPHA, BETA, setScene, tokenOf } from './people.ts';

// Debian's Chromium logs in at the page with the rights of the chart, on a real API server.
const CHROMIUM = '/usr/bin/chromium';
const AXE = createRequire(new URL('../../packages/cli/package.json', import.meta.url)).resolve(
  'axe-core/axe.min.js',
);
const SCREENS = [
  [360, 'light'],
  [360, 'dark'],
  [1280, 'light'],
  [1280, 'dark'],
] as const;
let cluster: Cluster;
let console: ConsoleProcess;
let browser: Browser;
/** Addresses of all requests of the pages. */
const requested: string[] = [];
/** Errors and messages of the pages. */
const incidents: string[] = [];

beforeAll(async () => {
  cluster = await Cluster.start();
  await cluster.namespace(SYSTEM);
  await setScene(cluster);
  console = await ConsoleProcess.start(cluster, { actions: true });
  browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
});
afterAll(async () => {
  await browser?.close();
  await console?.stop();
  await cluster?.stop();
});

const origin = () => `http://localhost:${console.port}`;

async function open(width: number, colorScheme: 'light' | 'dark' = 'light'): Promise<Page> {
  const context = await browser.newContext({ viewport: { width, height: 740 }, colorScheme });
  // Only the limit of the whole test counts.
  context.setDefaultTimeout(0);
  const page = await context.newPage();
  page.on('request', (request) => requested.push(request.url()));
  page.on('pageerror', ({ message }) => incidents.push(message));
  page.on('console', (message) => {
    // Chromium itself reports replies such as 401.
    if (!message.text().startsWith('Failed to load resource')) incidents.push(message.text());
  });
  await page.goto(origin());
  return page;
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

/** Logs in with the keyboard alone. */
async function logIn(page: Page, token: string): Promise<void> {
  await page.getByLabel('Token').waitFor();
  while ((await page.evaluate('document.activeElement?.type')) !== 'password') {
    await page.keyboard.press('Tab');
  }
  await page.keyboard.insertText(token);
  await page.keyboard.press('Enter');
}

test('a person logs in, sees their namespace, approves a gate and logs out', async () => {
  const page = await open(360);
  await logIn(page, 'wrong');
  await page.getByText('The cluster does not accept this token.').waitFor();
  expect(await violations(page)).toEqual([]);
  await page.getByLabel('Token').fill('');
  await logIn(page, await tokenOf(cluster, ALPHA, 'editor'));
  await page.getByRole('link', { name: `report-of-${ALPHA}` }).waitFor();
  expect(await page.getByText(`report-of-${BETA}`).count()).toBe(0);
  await page.getByText(`system:serviceaccount:${ALPHA}:editor`).waitFor();
  expect(await violations(page)).toEqual([]);

  await page.getByLabel('Namespace').fill(BETA);
  await page.keyboard.press('Enter');
  await page.getByText('cannot list resource "agentteams"').waitFor();
  await page.getByLabel('Namespace').fill('');
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: `report-of-${ALPHA}` }).click();
  await page.getByRole('heading', { name: `report-of-${ALPHA}` }).waitFor();
  expect(await violations(page)).toEqual([]);

  const cookies = await page.context().cookies();
  expect(cookies).toMatchObject([{ httpOnly: true, secure: true, sameSite: 'Strict' }]);
  expect(await page.evaluate('document.cookie + JSON.stringify(localStorage)')).toBe('{}');
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.getByLabel('Token').waitFor();
  await page.reload();
  await page.getByLabel('Token').waitFor();
  expect(page.url()).not.toContain('token');
});

test('the page says that a session has ended', async () => {
  await cluster.kubectl('create', 'secret', 'generic', 'bound', '-n', ALPHA);
  const bound = ['--bound-object-kind=Secret', '--bound-object-name=bound'];
  const page = await open(1280);
  await logIn(page, await tokenOf(cluster, ALPHA, 'viewer', ...bound));
  await page.getByRole('link', { name: `report-of-${ALPHA}` }).waitFor();
  await cluster.kubectl('delete', 'secret', 'bound', '-n', ALPHA);
  await page.getByText('Your session has ended.').waitFor();
  expect(await violations(page)).toEqual([]);
});

test('the login and the list meet WCAG at each width, light and dark, and call nobody else', async () => {
  const token = await tokenOf(cluster, BETA, 'viewer');
  for (const [width, scheme] of SCREENS) {
    const page = await open(width, scheme);
    await page.getByLabel('Token').waitFor();
    expect({ width, scheme, found: await violations(page) }).toMatchObject({ found: [] });
    await logIn(page, token);
    await page.getByRole('link', { name: `report-of-${BETA}` }).waitFor();
    expect({ width, scheme, found: await violations(page) }).toMatchObject({ found: [] });
  }
  expect(
    requested.filter((address) => !address.startsWith(origin()) && address !== 'data:,'),
  ).toEqual([]);
  expect(incidents).toEqual([]);
});

test('the files of a team that has ended are offered to a person with the rights, and a failure is shown', async () => {
  const name = 'done';
  await cluster.apply(team(name, {}, BETA));
  // No controller creates it here.
  await cluster.apply({
    ...{ apiVersion: 'v1', kind: 'ServiceAccount' },
    metadata: { name: 'default', namespace: BETA },
  });
  const agent = { phase: 'Completed', podName: 'done-lead-1' };
  const status = {
    ...{
      phase: 'Completed',
      startedAt: '2026-11-29T10:00:00Z',
      completedAt: '2026-11-29T11:00:00Z',
    },
    ...{ lead: agent, teammates: [{ ...agent, name: 'writer' }] },
  };
  await cluster.kubectl(
    ...['patch', 'agentteam', name, '-n', BETA, '--subresource=status', '--type=merge'],
    `-p=${JSON.stringify({ status })}`,
  );
  const files = (page: Page) => page.getByRole('region', { name: 'Files of the team' });
  for (const [width, scheme] of SCREENS) {
    const page = await open(width, scheme);
    await logIn(page, await tokenOf(cluster, BETA, 'editor'));
    await page.getByRole('link', { name }).click();
    await files(page)
      .getByText('but you may not create pods, get pods, delete pods, get pods/exec')
      .waitFor();
    expect(await files(page).getByRole('button').count()).toBe(0);
    expect({ width, scheme, found: await violations(page) }).toMatchObject({ found: [] });
    await page.context().close();
  }

  const role = ['files', '-n', BETA];
  const verbs = ['--verb=create,get,delete', '--resource=pods,pods/exec'];
  await cluster.kubectl('create', 'role', ...role, ...verbs);
  const subject = `--serviceaccount=${BETA}:editor`;
  await cluster.kubectl('create', 'rolebinding', ...role, '--role=files', subject);
  for (const [width, scheme] of SCREENS) {
    const page = await open(width, scheme);
    await logIn(page, await tokenOf(cluster, BETA, 'editor'));
    await page.getByRole('link', { name }).click();
    const button = files(page).getByRole('button', { name: "Read the team's files" });
    await button.waitFor();
    await files(page).getByText('starts a pod with your rights').waitFor();
    expect({ width, scheme, found: await violations(page) }).toMatchObject({ found: [] });
    expect(await cluster.list('v1', 'Pod', BETA)).toEqual([]);
    await button.click();
    await files(page).getByText('Starting the pod.').waitFor();
    expect({ width, scheme, found: await violations(page) }).toMatchObject({ found: [] });
    await refuseImage();
    await files(page).getByText('The reading failed: the pod results-done-').waitFor();
    await button.waitFor();
    await page.context().close();
  }
  expect(await cluster.list('v1', 'Pod', BETA)).toEqual([]);
});

/** Waits for a pod, and says what a node would say that cannot pull its image. */
async function refuseImage(): Promise<void> {
  let [pod] = await cluster.list('v1', 'Pod', BETA);
  while (pod === undefined) [pod] = await cluster.list('v1', 'Pod', BETA);
  const waiting = { reason: 'ImagePullBackOff', message: 'no such host' };
  const container = { name: 'results', image: '', imageID: '', ready: false, restartCount: 0 };
  const status = { containerStatuses: [{ ...container, state: { waiting } }] };
  await cluster.kubectl(
    ...['patch', 'pod', pod.metadata?.name ?? '', '-n', BETA, '--subresource=status'],
    ...['--type=merge', `-p=${JSON.stringify({ status })}`],
  );
}

test('agentteam ui -A shows the teams of all namespaces, and those of one that a person chooses', async () => {
  const ui = await UiBrowser.start(cluster.directory, ['-A', `--kubeconfig=${cluster.kubeconfig}`]);
  try {
    const page = await ui.open(1280);
    await page.getByRole('link', { name: `report-of-${ALPHA}` }).waitFor();
    await page.getByRole('link', { name: `report-of-${BETA}` }).waitFor();
    const offered = await page.evaluate(
      "[...document.querySelectorAll('#namespaces option')].map(({ value }) => value)",
    );
    expect(offered).toEqual(expect.arrayContaining([ALPHA, BETA]));
    expect(await violations(page)).toEqual([]);
    await page.getByLabel('Namespace').fill(BETA);
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: `report-of-${ALPHA}` }).waitFor({ state: 'detached' });
    await page.getByRole('link', { name: `report-of-${BETA}` }).click();
    await page.getByRole('heading', { name: `report-of-${BETA}` }).waitFor();
    expect(ui.incidents).toEqual([]);
  } finally {
    await ui.close();
  }
});
