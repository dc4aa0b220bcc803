import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect, test } from '@jest/globals';
import { execa } from 'execa';

const PROGRAM = join(import.meta.dirname, 'support/tree-process.ts');
/** Tests so far. Each has its own tmux server: one that was killed can still be exiting. */
let count = 0;
const tmux = async (...args: readonly string[]): Promise<string> => {
  const socket = `agentteam-${process.pid}-${count}`;
  return (await execa('tmux', ['-L', socket, '-f', '/dev/null', ...args])).stdout;
};

afterEach(async () => {
  await tmux('kill-server');
  count += 1;
});

/** Shows the tree on a terminal of the given size. */
async function show(columns: number, rows: number, env = ''): Promise<void> {
  const node = `'${process.execPath}' --conditions=source --disable-warning=ExperimentalWarning`;
  const size = ['-x', String(columns), '-y', String(rows)];
  await tmux('new-session', '-d', ...size, `${env} ${node} '${PROGRAM}'; sleep 900`);
}

const MAX_ATTEMPTS = 400;

/**
 * Waits until the terminal shows a matching text. @returns the text.
 * @param from `-` to include lines that have scrolled away; `0` for the screen only.
 */
async function shown(matches: (screen: string) => boolean, from = '-'): Promise<string> {
  for (let attempt = 0; ; attempt += 1) {
    const screen = await tmux('capture-pane', '-p', '-S', from);
    if (matches(screen)) return screen;
    if (attempt === MAX_ATTEMPTS) throw new Error(`the terminal shows:\n${screen}`);
    await delay(50);
  }
}

const headers = (screen: string): number => screen.split('crew  Running').length - 1;
const isWhole = (screen: string): boolean => screen.includes('Press a to approve');

test.each([
  { columns: 80, rows: 24, last: /└─ ○ Deliver/ },
  { columns: 60, rows: 15, last: /… \d+ waiting, \d+ done/ },
])(
  'a team of 16 fits a terminal of $columns by $rows, with what each agent does',
  async ({ columns, rows, last }) => {
    await show(columns, rows);
    const screen = await shown((now) => isWhole(now) && now.includes('Edit src/app.ts for 0:02'));
    expect(headers(screen)).toBe(1);
    expect(screen).toMatch(last);
    expect(screen.trimEnd().split('\n').length).toBeLessThanOrEqual(rows);
  },
);

// This does not hold for a terminal that becomes larger, which shows lines again that had scrolled away.
test('a terminal that becomes smaller always shows one tree', async () => {
  await show(100, 30);
  await shown(isWhole);
  for (const [columns, rows] of [
    [70, 30],
    [40, 20],
    [39, 9],
  ]) {
    await tmux('resize-window', '-x', String(columns), '-y', String(rows));
    const hasHeader = (now: string) => isWhole(now) && headers(now) > 0;
    // The terminal may show an incomplete frame.
    const second = /\d:\d\d/.exec(await shown(hasHeader, '0'))?.[0];
    const isLater = (now: string) => hasHeader(now) && !now.includes(`Running  ${second}`);
    const screen = await shown(isLater, '0');
    expect({ columns, headers: headers(screen) }).toEqual({ columns, headers: 1 });
  }
});

test.each([
  ['a dumb terminal', 'TERM=dumb'],
  ['a terminal without a size', 'stty rows 0 columns 0;'],
])('%s shows each change as one line', async (_, env) => {
  await show(100, 30, env);
  const screen = await shown((now) => now.includes('waits for approval'));
  expect(screen.split('● lead started').length - 1).toBe(1);
  expect(screen).not.toContain('Press a');
});

test('r asks for confirmation, and every key except y declines', async () => {
  await show(100, 30);
  await shown(isWhole);
  await tmux('send-keys', 'r');
  await shown((screen) => screen.includes('Press y to reject it'));
  await tmux('send-keys', 'n');
  await shown(isWhole);
  await tmux('send-keys', 'r');
  await shown((screen) => screen.includes('Press y to reject it'));
  await tmux('send-keys', 'y');
  const screen = await shown((now) => now.includes('ANSWERED'));
  expect(screen).toContain('ANSWERED deliver reject');
  expect(screen.split('ANSWERED').length - 1).toBe(1);
});
