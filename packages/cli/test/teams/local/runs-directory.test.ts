import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import {
  makeRunDirectory,
  type RunRecord,
  referenceTo,
  writeRecord,
} from '../../../src/teams/local/runs-directory.ts';

let runs: string;
beforeEach(async () => {
  runs = await mkdtemp(join(tmpdir(), 'agentteam runs '));
});
afterEach(() => rm(runs, { recursive: true, force: true }));

const EXACT = { name: 'q3', exact: true };

/** As when the process that made the latest directory had been another one, killed since. */
async function killMaker(): Promise<void> {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  await writeFile(join(runs, 'q3/maker.pid'), String(child.pid));
}

const record = (): Promise<void> => writeRecord(runs, { run: 'q3' } as unknown as RunRecord);

test('a name is taken once, and the next one is found where another will do', async () => {
  expect(await makeRunDirectory(runs, EXACT)).toBe('q3');
  await expect(makeRunDirectory(runs, EXACT)).rejects.toThrow('there is a run q3 already');
  expect(await makeRunDirectory(runs, { name: 'q3', exact: false })).toBe('q3-2');
  expect((await readdir(runs)).sort()).toEqual(['.gitignore', 'q3', 'q3-2']);
});

test('what was killed before it was a run gives its name free', async () => {
  await makeRunDirectory(runs, EXACT);
  await killMaker();
  await writeFile(join(runs, 'q3/rehearsal.yaml'), 'agents: {}');
  expect(await makeRunDirectory(runs, EXACT)).toBe('q3');
  expect(await readdir(join(runs, 'q3'))).toEqual(['maker.pid']);
});

test('a run keeps its name, also when its maker was killed at its very last step', async () => {
  await makeRunDirectory(runs, EXACT);
  await record();
  expect(await readdir(join(runs, 'q3'))).toEqual(['run.json']);
  await killMaker();
  await expect(makeRunDirectory(runs, EXACT)).rejects.toThrow('there is a run q3 already');
});

test('a run that is kept elsewhere is named with its place, as a shell takes it', () => {
  expect(referenceTo(resolve('.agentteam'), 'q3')).toBe('q3');
  expect(referenceTo('/srv/runs', 'q3')).toBe('q3 --dir /srv/runs');
  expect(referenceTo("/srv/ada's runs", 'q3')).toBe(`q3 --dir '/srv/ada'\\''s runs'`);
});
