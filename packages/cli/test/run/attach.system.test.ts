import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { agentteam, agentteamArguments } from '../commands/agentteam.ts';
import { madeRun } from '../fixtures.ts';
import { temporaryDirectories } from '../temporary.ts';
import { announced, Terminal } from '../terminal.ts';
import { letWriterContinue, start, writerIsBusy, writeWaitingTeam } from './waiting-writer.ts';

const temporary = temporaryDirectories();
let cwd: string;
let terminal: Terminal;
beforeEach(async () => {
  cwd = await temporary();
  terminal = new Terminal();
});
afterEach(() => terminal.close());

const volume = () => join(cwd, 'runs/people/volumes/team');

test('a person follows an agent in a terminal, interrupts it, speaks to it and leaves without harm', async () => {
  await writeWaitingTeam(cwd);
  const run = start(cwd, ['run', 'team.yaml', '--rehearse', '--dir', 'runs']);
  await writerIsBusy(volume());
  const without = await agentteam(['attach', 'people', 'writer', '--dir', 'runs'], cwd);
  expect(without).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('needs a terminal'),
  });
  expect(without.stderr).toMatch(/agentteam tell people --dir '.*runs' writer/);
  expect(without.stderr).toMatch(/agentteam logs -f people --dir '.*runs' writer/);
  const attach = (agent: string): string =>
    `HOME="$PWD" ${announced([process.execPath, ...agentteamArguments, 'attach', 'people', agent, '--dir', 'runs'])}`;
  await terminal.open(cwd, attach('editor'));
  await terminal.shown('people has no agent editor');
  await terminal.shown('LEFT 1');

  await terminal.type('clear', 'Enter');
  await terminal.type(attach('writer'), 'Enter');
  await terminal.shown('I wait for the file.');
  await terminal.type('C-c');
  await terminal.shown('writer is interrupted and waits for your line.');
  await terminal.shown('turn interrupted');
  await letWriterContinue(volume());
  await terminal.type('/leave', 'Enter');
  await terminal.shown('writer goes on.');
  await terminal.shown('LEFT 0');
  expect(await run.exited).toEqual([0, null]);
  const journal = await readFile(join(volume(), 'sessions/writer/journal.jsonl'), 'utf8');
  expect(journal).toContain('Go on with your work.');

  const late = await agentteam(['tell', 'people', 'writer', 'Thanks.', '--dir', 'runs'], cwd);
  expect(late).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(/has ended.*\n.*agentteam get people --dir/),
  });
});

/** Two runs, of which one has the only copy of a result, and the command that deletes both. */
async function onlyCopy(): Promise<{ readonly report: string; readonly command: string }> {
  const output = join(cwd, 'runs/q3-report/output');
  await madeRun(join(cwd, 'runs'), { output });
  await madeRun(join(cwd, 'runs'), { run: 'q2-report' });
  await mkdir(output);
  const report = join(output, 'report.md');
  await writeFile(report, 'Sales rose.');
  const args = ['delete', 'q3-report', 'q2-report', '--dir', 'runs'];
  const command = announced([process.execPath, ...agentteamArguments, ...args]);
  return { report, command: `HOME="$PWD" ${command}` };
}

test.each(['C-c', 'C-d'])(
  '%s keeps the only copy of a result that delete asks about',
  async (key) => {
    const { report, command } = await onlyCopy();
    await terminal.open(cwd, command);
    await terminal.shown('Delete it anyway? [y/N]');
    await terminal.type(key);
    await terminal.shown('✗ q3-report was not deleted');
    await terminal.shown('LEFT 1');
    expect(await readFile(report, 'utf8')).toBe('Sales rose.');
    expect(await readdir(join(cwd, 'runs'))).toContain('q2-report');
  },
);

test('Ctrl-Z suspends the question of delete together with the program that started it', async () => {
  const { report, command } = await onlyCopy();
  await terminal.open(cwd, ':');
  await terminal.type(`sh -c "${command.replaceAll('"', '\\"')}"`, 'Enter');
  await terminal.shown('Delete it anyway? [y/N]');
  await terminal.type('C-z');
  await terminal.shown('Stopped');
  await terminal.type('fg', 'Enter');
  await terminal.type('n', 'Enter');
  await terminal.shown('✗ q3-report was not deleted');
  expect(await readFile(report, 'utf8')).toBe('Sales rose.');
});
