import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect, test } from '@jest/globals';
import { execa } from 'execa';

const PROGRAM = join(import.meta.dirname, 'support/tree-process.ts');
const SOCKET = `agentteam-${process.pid}`;
const tmux = async (...args: readonly string[]): Promise<string> =>
  (await execa('tmux', ['-L', SOCKET, '-f', '/dev/null', ...args])).stdout;

afterEach(() => tmux('kill-server'));

/** Shows the tree on a real terminal of this size. */
async function show(columns: number, rows: number, env = ''): Promise<void> {
  const node = `'${process.execPath}' --conditions=source --disable-warning=ExperimentalWarning`;
  const size = ['-x', String(columns), '-y', String(rows)];
  await tmux('new-session', '-d', ...size, `${env} ${node} '${PROGRAM}'; sleep 900`);
}

const MOST_LOOKS = 400;

/**
 * What the terminal shows once this is so.
 * @param from `-`: with what has scrolled away; `0`: the screen alone.
 */
async function shown(isSo: (screen: string) => boolean, from = '-'): Promise<string> {
  for (let looks = 0; ; looks += 1) {
    const screen = await tmux('capture-pane', '-p', '-S', from);
    if (isSo(screen)) return screen;
    if (looks === MOST_LOOKS) throw new Error(`this is what it shows:\n${screen}`);
    await delay(50);
  }
}

const headers = (screen: string): number => screen.split('crew  Running').length - 1;
const isWhole = (screen: string): boolean => screen.includes('press a to approve');

test('a team of 16 in 60 by 15 shows its head and its gate once, and nothing scrolls away', async () => {
  await show(60, 15);
  await shown((screen) => isWhole(screen) && screen.includes('0:02'));
  const screen = await shown(isWhole);
  expect(headers(screen)).toBe(1);
  expect(screen).toMatch(/… \d+ more: /);
  expect(screen.trimEnd().split('\n').length).toBeLessThanOrEqual(15);
});

// A terminal that becomes larger brings back what it has scrolled away: nobody can take that back.
test('a terminal that becomes narrower and lower shows one tree all the time', async () => {
  await show(100, 30);
  await shown(isWhole);
  for (const [columns, rows] of [
    [70, 30],
    [40, 20],
    [39, 9],
  ]) {
    await tmux('resize-window', '-x', String(columns), '-y', String(rows));
    const hasHeader = (now: string) => isWhole(now) && headers(now) > 0;
    // The terminal may be in the middle of a frame.
    const second = /\d:\d\d/.exec(await shown(hasHeader, '0'))?.[0];
    const isLater = (now: string) => hasHeader(now) && !now.includes(`Running  ${second}`);
    const screen = await shown(isLater, '0');
    expect({ columns, headers: headers(screen) }).toEqual({ columns, headers: 1 });
  }
});

test.each([
  ['a terminal that can do nothing', 'TERM=dumb'],
  ['a terminal that does not tell its size', 'stty rows 0 columns 0;'],
])('%s gets lines, none of them twice', async (_, env) => {
  await show(100, 30, env);
  const screen = await shown((now) => now.includes('waits for approval'));
  expect(screen.split('● started lead').length - 1).toBe(1);
  expect(screen).not.toContain('press a');
});

test('r asks before it rejects, and another key takes it back', async () => {
  await show(100, 30);
  await shown(isWhole);
  await tmux('send-keys', 'r');
  await shown((screen) => screen.includes('press y to reject it'));
  await tmux('send-keys', 'n');
  await shown(isWhole);
  await tmux('send-keys', 'r');
  await shown((screen) => screen.includes('press y to reject it'));
  await tmux('send-keys', 'y');
  const screen = await shown((now) => now.includes('ANSWERED'));
  expect(screen).toContain('ANSWERED deliver reject');
  expect(screen.split('ANSWERED').length - 1).toBe(1);
});
