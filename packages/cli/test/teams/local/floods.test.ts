import { appendFile, lstat, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LEAD } from '@agentteam/contract';
import { createTask, inboxFile, sendMail } from '@agentteam/volume';
import { describe, expect, test } from '@jest/globals';
import {
  floodWithFiles,
  makeDeep,
  makePipe,
  makeSparseFile,
  withFewDescriptors,
} from '../../../../volume/test/flood.ts';
import { readLogs } from '../../../src/teams/local/local-logs.ts';
import { agentteam, agentteamArguments } from '../../commands/agentteam.ts';
import { madeRun } from '../../fixtures.ts';
import { temporaryDirectories } from '../../temporary.ts';

const temporary = temporaryDirectories();

describe('a run whose agents create huge numbers of files', () => {
  test('can be read by every command, with 1,024 file descriptors', async () => {
    const cwd = await temporary();
    const team = await madeRun(join(cwd, '.agentteam'));
    const native = team.native(await team.workflow());
    const { volumes } = team;
    await createTask(native, { subject: 'honest', description: '', owner: 'researcher' });
    floodWithFiles(join(volumes.tasks, native.team), 30_000, undefined, { from: 1000 });
    floodWithFiles(join(volumes.teams, native.team, 'inboxes'), 30_000);
    await sendMail(native, LEAD, { from: 'researcher', text: 'Sales grew.' });
    makeSparseFile(inboxFile(native, 'email-drafter'), 10 * 2 ** 30);
    for (const agent of ['researcher', 'email-drafter']) {
      await mkdir(join(volumes.sessions, agent), { recursive: true });
      await mkdir(join(volumes.state, agent), { recursive: true });
    }
    await makePipe(join(volumes.sessions, 'researcher', 'journal.jsonl'));
    await symlink('/dev/zero', join(volumes.sessions, 'email-drafter', 'journal.jsonl'));
    await symlink('/etc/passwd', join(volumes.state, 'researcher', 'state.json'));
    const run = (...args: string[]) =>
      withFewDescriptors(process.execPath, [...agentteamArguments, ...args], {
        cwd,
        env: { PATH: process.env['PATH'], HOME: cwd },
      });
    const got = await run('get', 'q3-report');
    expect(got).toContain('0 of 1 done');
    expect(got).toContain('state/researcher/state.json is a symbolic link and was not read.');
    expect(got).toMatch(/tasks\/\S+ has more than 10000 files/);
    expect(got).toContain('FilesComplete=False (FilesLeftOut)');
    expect(JSON.parse(await run('get', 'q3-report', '--json'))).toMatchObject({
      status: {
        conditions: expect.arrayContaining([expect.objectContaining({ status: 'False' })]),
      },
    });
    expect(await run('messages', 'q3-report')).toContain('Sales grew.');
    expect(await run('cost', 'q3-report')).toContain('total');
    expect(await run('logs', 'q3-report')).toBe('');
    expect(await run('list')).toContain('q3-report');
  });

  test('can be deleted without following links', async () => {
    const cwd = await temporary();
    const { directory } = await madeRun(join(cwd, '.agentteam'));
    await writeFile(join(cwd, 'kept'), 'kept');
    const work = join(directory, 'volumes', 'team', 'work', 'researcher');
    await makeDeep(join(work, 'deep'), 1500);
    floodWithFiles(join(work, 'many'), 5000);
    await symlink(cwd, join(work, 'link'));
    for (const name of ['engine.pid', 'rehearsal.yaml']) {
      await symlink(join(cwd, 'kept'), join(directory, name));
    }
    await symlink(cwd, join(directory, 'pods'));
    expect((await agentteam(['delete', 'q3-report'], cwd)).exitCode).toBe(0);
    await expect(lstat(directory)).rejects.toThrow('ENOENT');
    expect(await readFile(join(cwd, 'kept'), 'utf8')).toBe('kept');
  });

  test('prints a very long line in pieces, and does not follow a link in place of a log', async () => {
    const team = await madeRun(await temporary());
    const workflow = await team.workflow();
    const node = { id: 'n', name: 'q3-report.Lead', displayName: 'Lead', type: 'Pod' };
    const status = { phase: 'Running', nodes: { n: { ...node, phase: 'Running' } } };
    await writeFile(join(team.directory, 'workflow.json'), JSON.stringify({ ...workflow, status }));
    const pod = join(team.directory, 'pods', 'n');
    await mkdir(pod, { recursive: true });
    await symlink('/etc/passwd', join(pod, 'budget.log'));
    await appendFile(join(pod, 'main.log'), 'x'.repeat(5_000_000));
    const { signal } = new AbortController();
    const lines: number[] = [];
    for await (const line of readLogs(team, { steps: [], follow: false, signal })) {
      lines.push(line.text.length);
    }
    expect(lines.length).toBeGreaterThan(2);
    expect(Math.max(...lines)).toBeLessThan(2_000_000);
    expect(lines.reduce((sum, length) => sum + length, 0)).toBe(5_000_000);
  });
});

test('a damaged run does not hide the others, and can be deleted', async () => {
  const cwd = await temporary();
  const runs = join(cwd, '.agentteam');
  await madeRun(runs);
  const torn = await madeRun(runs, { run: 'torn' });
  await writeFile(join(torn.directory, 'run.json'), '{"run":');
  const other = await madeRun(runs, { run: 'other' });
  await writeFile(join(other.directory, 'workflow.json'), '');
  const { exitCode, stdout, stderr } = await agentteam(['list'], cwd);
  expect(exitCode).toBe(0);
  expect(stdout).toContain('q3-report');
  expect(stderr).toContain('! torn cannot be listed');
  expect(stderr).toContain('! other cannot be listed');
  expect((await agentteam(['delete', 'torn'], cwd)).exitCode).toBe(0);
  await expect(lstat(torn.directory)).rejects.toThrow('ENOENT');
});
