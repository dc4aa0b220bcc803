import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { waitInDirectory } from '@agentteam/volume';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { agentteam, agentteamArguments } from '../commands/agentteam.ts';
import { temporaryDirectories } from '../temporary.ts';

const temporary = temporaryDirectories();
let cwd: string;
beforeEach(async () => {
  cwd = await temporary();
});

const socket = `agentteam-attach-${process.pid}`;
const tmux = async (...args: readonly string[]): Promise<string> =>
  (await execa('tmux', ['-L', socket, '-f', '/dev/null', ...args])).stdout;
afterEach(async () => {
  await tmux('kill-server');
});

const TEAM = `
apiVersion: claude.amcheste.io/v1alpha1
kind: AgentTeam
metadata: { name: people }
spec:
  workspace: { output: {} }
  auth: { apiKeySecret: key }
  lead: { prompt: Coordinate. }
  teammates: [{ name: writer, prompt: Write a file. }]
`;

const SCRIPT = `
agents:
  writer:
    turns:
      - text: I wait for the file.
        tools:
          - name: Bash
            input: { command: "echo x > busy; until [ -e go ]; do sleep 0.1; done" }
      - tools: [{ name: TaskUpdate, input: { taskId: "1", status: completed } }]
      - tools: [{ name: report, input: { outcome: completed, summary: Written. } }]
      - text: done
`;

const volume = () => join(cwd, '.agentteam/people/volumes/team');

async function busy(): Promise<void> {
  const work = join(volume(), 'work/writer');
  const found = async () => {
    const names = await readdir(work).catch(() => [] as string[]);
    return names.includes('busy') || undefined;
  };
  await waitInDirectory(work, found, { signal: AbortSignal.timeout(120_000) });
}

/** Waits until the terminal shows a text. */
async function shown(text: string): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    const screen = await tmux('capture-pane', '-p', '-J', '-S', '-');
    if (screen.includes(text)) return;
    if (attempt === 400) throw new Error(`the terminal shows:\n${screen}`);
    await delay(50);
  }
}

const type = (...keys: readonly string[]): Promise<string> => tmux('send-keys', ...keys);

test('a person follows an agent in a terminal, interrupts it, speaks to it and leaves without harm', async () => {
  await writeFile(join(cwd, 'team.yaml'), TEAM);
  await writeFile(join(cwd, 'rehearsal.yaml'), SCRIPT);
  const env = { PATH: process.env['PATH'], HOME: cwd };
  const args = [...agentteamArguments, 'run', 'team.yaml', '--rehearse'];
  const run = spawn(process.execPath, args, { cwd, env, stdio: 'ignore' });
  const exited = once(run, 'exit');
  await busy();
  const without = await agentteam(['attach', 'people', 'writer'], cwd);
  expect(without).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('needs a terminal'),
  });
  const unknown = [...agentteamArguments, 'attach', 'people', 'editor'];
  const command = (words: readonly string[]): string =>
    [
      'HOME="$PWD"',
      ...[process.execPath, ...words].map((word) => `'${word}'`),
      '; echo LEFT $?',
    ].join(' ');
  await tmux(
    'new-session',
    '-d',
    '-c',
    cwd,
    '-x',
    '120',
    '-y',
    '40',
    `${command(unknown)}; exec sh`,
  );
  await shown('people has no agent editor');
  await shown('LEFT 1');

  await type('clear', 'Enter');
  await type(command([...agentteamArguments, 'attach', 'people', 'writer']), 'Enter');
  await shown('I wait for the file.');
  await type('C-c');
  await shown('writer is interrupted and waits for your line.');
  await shown('turn interrupted');
  await writeFile(join(volume(), 'work/writer/go'), '');
  await type('/leave', 'Enter');
  await shown('writer goes on.');
  await shown('LEFT 0');
  await exited;
  expect(run.exitCode).toBe(0);
  const journal = await readFile(join(volume(), 'sessions/writer/journal.jsonl'), 'utf8');
  expect(journal).toContain('Go on with your work.');
});
