import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readTeamPause } from '@agentteam/volume';
import { beforeEach, expect, test } from '@jest/globals';
import { agentteam } from '../commands/agentteam.ts';
import { temporaryDirectories } from '../temporary.ts';
import { letWriterContinue, start, writerIsBusy, writeWaitingTeam } from './waiting-writer.ts';

const temporary = temporaryDirectories();
let cwd: string;
beforeEach(async () => {
  cwd = await temporary();
});

const volume = () => join(cwd, '.agentteam/people/volumes/team');

test('people tell an agent something, pause the run, and resume it after a kill', async () => {
  await writeWaitingTeam(cwd);
  const first = start(cwd, ['run', 'team.yaml', '--rehearse']);
  await writerIsBusy(volume());

  const told = await agentteam(['tell', 'people', 'writer', 'Use', 'October.', '--by', 'Ann'], cwd);
  expect(told).toMatchObject({ exitCode: 0, stdout: 'sent to writer as Ann' });
  const toLead = await agentteam(['tell', 'people', 'lead', 'Thanks.', '--json'], cwd);
  expect(JSON.parse(toLead.stdout)).toMatchObject({ run: 'people', agents: ['lead'] });
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

  first.child.kill('SIGKILL');
  await first.exited;
  expect(first.output()).toContain('Paused');
  expect(await readTeamPause(join(volume(), 'control'))).toMatchObject({ by: 'Ann' });
  const nothing = await agentteam(['pause', 'people'], cwd);
  expect(nothing.stderr).toContain('no process is running people');

  await letWriterContinue(volume());
  const resumed = await agentteam(['resume', 'people'], cwd);
  expect(resumed).toMatchObject({ exitCode: 0 });
  const journal = await readFile(join(volume(), 'sessions/writer/journal.jsonl'), 'utf8');
  expect(journal.match(/<person-message/g)).toHaveLength(1);
  const { stdout } = await agentteam(['messages', 'people', '--json'], cwd);
  expect(JSON.parse(stdout)).toContainEqual(
    expect.objectContaining({ kind: 'person', from: 'Ann', text: 'Use October.', delivered: true }),
  );
});
