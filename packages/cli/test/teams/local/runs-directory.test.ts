import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type RunRecord, writeRecord } from '../../../src/teams/local/run-record.ts';
import { makeRunDirectory, referenceTo } from '../../../src/teams/local/runs-directory.ts';

let runs: string;
beforeEach(async () => {
  runs = await mkdtemp(join(tmpdir(), 'agentteam runs '));
});
afterEach(() => rm(runs, { recursive: true, force: true }));

const EXACT = { name: 'q3', exact: true };

/** Replaces the id of the creating process by the id of a process that has exited. */
async function replaceCreator(): Promise<void> {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  await writeFile(join(runs, 'q3/maker.pid'), String(child.pid));
}

const record = (): Promise<void> => writeRecord(runs, { run: 'q3' } as unknown as RunRecord);

test('a name is used once, and a number is appended if another name is allowed', async () => {
  expect(await makeRunDirectory(runs, EXACT)).toBe('q3');
  await expect(makeRunDirectory(runs, EXACT)).rejects.toThrow('a run named q3 already exists');
  expect(await makeRunDirectory(runs, { name: 'q3', exact: false })).toBe('q3-2');
  expect((await readdir(runs)).sort()).toEqual(['.gitignore', 'q3', 'q3-2']);
});

test('the name of an incomplete run can be reused after its process was killed', async () => {
  await makeRunDirectory(runs, EXACT);
  await replaceCreator();
  await writeFile(join(runs, 'q3/rehearsal.yaml'), 'agents: {}');
  expect(await makeRunDirectory(runs, EXACT)).toBe('q3');
  expect(await readdir(join(runs, 'q3'))).toEqual(['maker.pid']);
});

test('a complete run keeps its name when its process was killed', async () => {
  await makeRunDirectory(runs, EXACT);
  await record();
  expect(await readdir(join(runs, 'q3'))).toEqual(['run.json']);
  await replaceCreator();
  await expect(makeRunDirectory(runs, EXACT)).rejects.toThrow('a run named q3 already exists');
});

test('a reference to a run elsewhere has a quoted --dir', () => {
  expect(referenceTo(resolve('.agentteam'), 'q3')).toBe('q3');
  expect(referenceTo('/srv/runs', 'q3')).toBe('q3 --dir /srv/runs');
  expect(referenceTo("/srv/ada's runs", 'q3')).toBe(`q3 --dir '/srv/ada'\\''s runs'`);
});

test('missing parents are created', async () => {
  const deep = join(runs, 'a/b');
  expect(await makeRunDirectory(deep, EXACT)).toBe('q3');
  expect(await readdir(deep)).toContain('q3');
});

const onLinux = process.platform === 'linux' ? test : test.skip;
onLinux('a place that refuses every new directory is named', async () => {
  await expect(makeRunDirectory('/proc/a/b', EXACT)).rejects.toThrow(
    'no directory can be created in /proc',
  );
});
