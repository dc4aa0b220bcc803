import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { waitInDirectory } from '@agentteam/volume';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { agentteam, agentteamArguments } from '../commands/agentteam.ts';
import { temporaryDirectories } from '../temporary.ts';
import { announced, Terminal } from '../terminal.ts';

const temporary = temporaryDirectories();
let cwd: string;
let terminal: Terminal;
beforeEach(async () => {
  cwd = await temporary();
  terminal = new Terminal();
});
afterEach(() => terminal.close());

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
  const attach = (agent: string): string =>
    `HOME="$PWD" ${announced([process.execPath, ...agentteamArguments, 'attach', 'people', agent])}`;
  await terminal.open(cwd, attach('editor'));
  await terminal.shown('people has no agent editor');
  await terminal.shown('LEFT 1');

  await terminal.type('clear', 'Enter');
  await terminal.type(attach('writer'), 'Enter');
  await terminal.shown('I wait for the file.');
  await terminal.type('C-c');
  await terminal.shown('writer is interrupted and waits for your line.');
  await terminal.shown('turn interrupted');
  await writeFile(join(volume(), 'work/writer/go'), '');
  await terminal.type('/leave', 'Enter');
  await terminal.shown('writer goes on.');
  await terminal.shown('LEFT 0');
  await exited;
  expect(run.exitCode).toBe(0);
  const journal = await readFile(join(volume(), 'sessions/writer/journal.jsonl'), 'utf8');
  expect(journal).toContain('Go on with your work.');
});
