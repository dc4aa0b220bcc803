import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { execa } from 'execa';
import { type Browser, chromium, type Page } from 'playwright-core';
import { agentteamArguments } from '../commands/agentteam.ts';

const CHROMIUM = '/usr/bin/chromium';
const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** Debian's Chromium, and `agentteam ui` for the runs of a directory, or for what its arguments select. */
export class UiBrowser {
  readonly #browser: Browser;
  /** Ends `agentteam ui`. */
  readonly stop: () => Promise<void>;
  /** Sends a signal to `agentteam ui`. */
  readonly signal: (name: NodeJS.Signals) => void;
  /** Address of the page with its token. */
  readonly url: string;
  /** Addresses of all requests of the pages. */
  readonly requested: string[] = [];
  /** Errors, dialogs, messages and violations of the policy in the pages. */
  readonly incidents: string[] = [];

  static async start(cwd: string, args: readonly string[] = []): Promise<UiBrowser> {
    const command = [...agentteamArguments, 'ui', '--no-open', ...args];
    const ui = execa(process.execPath, command, { cwd, reject: false });
    const stop = async (): Promise<void> => {
      ui.kill('SIGTERM');
      await ui;
    };
    const [url] = (await once(createInterface(ui.stdout), 'line')) as [string];
    return new UiBrowser(await launch(), stop, (name) => ui.kill(name), url);
  }

  private constructor(
    browser: Browser,
    stop: () => Promise<void>,
    signal: (name: NodeJS.Signals) => void,
    url: string,
  ) {
    this.#browser = browser;
    this.stop = stop;
    this.signal = signal;
    this.url = url;
  }

  async close(): Promise<void> {
    await this.#browser.close();
    await this.stop();
  }

  /** Opens a window. @param address default: the page of `agentteam ui`. */
  async open(
    width: number,
    colorScheme: 'light' | 'dark' = 'light',
    address: string = this.url,
  ): Promise<Page> {
    const context = await this.#browser.newContext({
      viewport: { width, height: 740 },
      colorScheme,
    });
    // A little less than the limit of the whole test, so that a failure says what was missing on the page.
    context.setDefaultTimeout(240_000);
    const page = await context.newPage();
    // The browser reports a violation as an error on the console.
    page.on('request', (request) => this.requested.push(request.url()));
    page.on('pageerror', ({ message }) => this.incidents.push(message));
    page.on('console', (message) => this.incidents.push(message.text()));
    page.on('dialog', async (dialog) => {
      this.incidents.push(dialog.message());
      await dialog.dismiss();
    });
    await page.goto(address);
    return page;
  }

  /** Opens a view of a team. */
  async show(page: Page, team: string, view: string): Promise<void> {
    await page.goto(`${new URL(this.url).origin}/#/team/${team}/${view}`);
    await page.locator('main .card').first().waitFor();
  }

  /** Requests that were not for this server. */
  outside(): readonly string[] {
    const { origin } = new URL(this.url);
    return this.requested.filter(
      (address) => !address.startsWith(`${origin}/`) && address !== 'data:,',
    );
  }
}

export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
}

/** Runs axe with the rules of WCAG 2.2 A and AA. @returns its violations, and whether the page is too wide. */
export async function violations(page: Page): Promise<readonly string[]> {
  await page.evaluate(await readFile(AXE, 'utf8'));
  return page.evaluate(`axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] })
    .then(({ violations }) => [
      ...violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).join(' ')),
      ...(document.documentElement.scrollWidth > innerWidth ? ['the page scrolls sideways'] : []),
    ])`);
}

/** Opens everything that is folded, as a script in the page. */
export const UNFOLD =
  "document.querySelectorAll('main details:not([open]) > summary').forEach((one) => one.click())";

/** Presses Tab until a control has the focus, as a person without a mouse does. */
export async function tabTo(page: Page, name: string): Promise<void> {
  const seen: string[] = [];
  for (let presses = 0; presses < MOST_PRESSES; presses += 1) {
    await page.keyboard.press('Tab');
    const label = await page.evaluate(FOCUSED);
    seen.push(String(label).trim());
    if (seen.at(-1)?.startsWith(name)) return;
  }
  throw new Error(`Tab does not reach ${name}, but: ${seen.join(', ')}`);
}

const MOST_PRESSES = 60;
/** The label or the text of what has the focus, as a script in the page. */
const FOCUSED = `(({ labels, innerText, ariaLabel }) =>
  [...(labels ?? [])].map((one) => one.innerText).join(' ') || ariaLabel || innerText
)(document.activeElement)`;
