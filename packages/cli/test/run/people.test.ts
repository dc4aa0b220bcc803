import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readTeamPause, waitInDirectory } from '@agentteam/volume';
import { beforeEach, expect, test } from '@jest/globals';
import { agentteam, agentteamArguments } from '../commands/agentteam.ts';
import { temporaryDirectories } from '../temporary.ts';

const temporary = temporaryDirectories();
let cwd: string;
beforeEach(async () => {
  cwd = await temporary();
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
      - tools:
          - name: Bash
            input: { command: "echo x > busy; until [ -e go ]; do sleep 0.1; done" }
      - tools: [{ name: TaskUpdate, input: { taskId: "1", status: completed } }]
      - tools: [{ name: report, input: { outcome: completed, summary: Written. } }]
      - text: done
`;

const volume = () => join(cwd, '.agentteam/people/volumes/team');

function startRun(args: readonly string[]) {
  const run = spawn(process.execPath, [...agentteamArguments, ...args], {
    cwd,
    env: { PATH: process.env['PATH'], HOME: cwd },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  run.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  return { run, exited: once(run, 'exit'), output: () => output };
}

/** Resolves when the writer runs its command. */
async function busy(): Promise<void> {
  const work = join(volume(), 'work/writer');
  const found = async () => {
    const names = await readdir(work).catch(() => [] as string[]);
    return names.includes('busy') || undefined;
  };
  await waitInDirectory(work, found, { signal: AbortSignal.timeout(120_000) });
}

test('people tell an agent something, pause the run, and resume it after a kill', async () => {
  await writeFile(join(cwd, 'team.yaml'), TEAM);
  await writeFile(join(cwd, 'rehearsal.yaml'), SCRIPT);
  const first = startRun(['run', 'team.yaml', '--rehearse']);
  await busy();

  const told = await agentteam(['tell', 'people', 'writer', 'Use', 'October.', '--by', 'Ann'], cwd);
  expect(told).toMatchObject({ exitCode: 0, stdout: 'sent to writer as Ann' });
  const unknown = await agentteam(['tell', 'people', 'editor', 'Hello.'], cwd);
  expect(unknown.stderr).toContain('people has no agent editor');

  const paused = await agentteam(['pause', 'people', '--by', 'Ann'], cwd);
  expect(paused.stdout).toContain('people is paused');
  const again = await agentteam(['pause', 'people'], cwd);
  expect(again.stdout).toContain('was paused before by Ann');
  const shown = await agentteam(['get', 'people'], cwd);
  expect(shown.stdout).toContain('Ann paused the team');
  const listed = await agentteam(['list'], cwd);
  expect(listed.stdout).toContain('rehearsal, paused');

  first.run.kill('SIGKILL');
  await first.exited;
  expect(first.output()).toContain('Paused');
  expect(await readTeamPause(join(volume(), 'control'))).toMatchObject({ by: 'Ann' });
  const nothing = await agentteam(['pause', 'people'], cwd);
  expect(nothing.stderr).toContain('no process is running people');

  await writeFile(join(volume(), 'work/writer/go'), '');
  const resumed = await agentteam(['resume', 'people'], cwd);
  expect(resumed).toMatchObject({ exitCode: 0 });
  const journal = await readFile(join(volume(), 'sessions/writer/journal.jsonl'), 'utf8');
  expect(journal.match(/<person-message/g)).toHaveLength(1);
  const { stdout } = await agentteam(['messages', 'people', '--json'], cwd);
  expect(JSON.parse(stdout)).toContainEqual(
    expect.objectContaining({ kind: 'person', from: 'Ann', text: 'Use October.', delivered: true }),
  );
});
