import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readResultBranches } from '@agentteam/detail';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { isHeld } from '../../../src/teams/local/run-lock.ts';
import { listRecords, readRecord } from '../../../src/teams/local/run-record.ts';
import { CREATOR, makeRunDirectory } from '../../../src/teams/local/runs-directory.ts';

let home: string;
let runs: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'agentteam foreign '));
  runs = join(home, 'clone/.agentteam');
  await mkdir(join(runs, 'evil'), { recursive: true });
});
afterEach(() => rm(home, { recursive: true, force: true }));

const RECORD = JSON.stringify({ createdAt: '2026-11-30T10:00:00Z', team: { spec: {} } });

/** The permissions of a path, in octal. */
const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);

test('to list runs from an archive changes the mode of no file that their links lead to', async () => {
  const tools = join(home, 'tools');
  await mkdir(tools);
  await chmod(tools, 0o755);
  await symlink(tools, join(runs, 'evil/run.json'));
  const other = join(home, 'other');
  await mkdir(other);
  await chmod(other, 0o755);
  await writeFile(join(other, 'run.json'), RECORD);
  await chmod(join(other, 'run.json'), 0o644);
  await symlink(other, join(runs, 'linked'));
  const { unreadable } = await listRecords(runs);
  expect(unreadable).toMatchObject([
    { run: 'evil', error: { message: expect.stringContaining('it is not a plain file') } },
  ]);
  for (const path of [tools, other]) expect(await modeOf(path)).toBe('755');
  expect(await modeOf(join(other, 'run.json'))).toBe('644');
});

test('a run of an older release becomes private', async () => {
  await chmod(join(runs, 'evil'), 0o755);
  await writeFile(join(runs, 'evil/run.json'), RECORD);
  await chmod(join(runs, 'evil/run.json'), 0o644);
  expect(await readRecord(runs, 'evil')).toMatchObject({ run: 'evil' });
  expect(await modeOf(join(runs, 'evil'))).toBe('700');
  expect(await modeOf(join(runs, 'evil/run.json'))).toBe('600');
});

test('a pipe in the place of a file of a run holds nobody up', async () => {
  for (const name of ['run.json', 'engine.pid']) execFileSync('mkfifo', [join(runs, 'evil', name)]);
  await expect(readRecord(runs, 'evil')).rejects.toThrow('it is not a plain file');
  expect(await isHeld(join(runs, 'evil'))).toBe(false);
  const result = join(runs, 'evil/result.git');
  await mkdir(result);
  for (const name of ['HEAD', 'packed-refs']) execFileSync('mkfifo', [join(result, name)]);
  expect(await readResultBranches(result)).toBeUndefined();
  await mkdir(join(runs, 'maker'));
  execFileSync('mkfifo', [join(runs, 'maker', CREATOR)]);
  const wanted = { name: 'maker', exact: false };
  expect(await makeRunDirectory(runs, wanted)).toBe('maker-2');
});

test('a file without an end in the place of a file of a run fills no memory', async () => {
  for (const name of ['run.json', 'engine.pid']) {
    await writeFile(join(runs, 'evil', name), '');
    await truncate(join(runs, 'evil', name), 2 ** 33);
  }
  await expect(readRecord(runs, 'evil')).rejects.toThrow('it is larger than 64 MiB');
  expect(await isHeld(join(runs, 'evil'))).toBe(false);
});
