import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { notesOnRunsBeside } from '../../src/run/runs-beside.ts';
import { holdRun } from '../../src/teams/local/run-lock.ts';
import { type RunRecord, writeRecord } from '../../src/teams/local/run-record.ts';
import { temporaryDirectories } from '../temporary.ts';

const temporary = temporaryDirectories();

function record(run: string, lifecycle: object = {}, more: Partial<RunRecord> = {}): RunRecord {
  const team = {
    metadata: { name: 'crew' },
    spec: { repository: { url: './shop' }, lifecycle: { onComplete: 'push-branch', ...lifecycle } },
  };
  return { run, createdAt: '2026-11-30T10:00:00Z', team, ...more } as unknown as RunRecord;
}

async function add(runs: string, other: RunRecord): Promise<string> {
  const directory = join(runs, other.run);
  await mkdir(directory);
  await writeRecord(runs, other);
  return directory;
}

/** Adds runs that are running, until the returned function is called. */
async function hold(runs: string, others: readonly RunRecord[]): Promise<() => Promise<void>> {
  const ends: (() => Promise<void>)[] = [];
  for (const other of others) ends.push(await holdRun(await add(runs, other), other.run));
  return async () => {
    for (const end of ends) await end();
  };
}

test('a run is told which runs will push to its branch, while they run', async () => {
  const runs = await temporary();
  const release = await hold(runs, [
    record('crew'),
    record('crew-2', { consolidatedBranchTemplate: 'other' }),
    record('crew-3', {}, { rehearsal: { port: 1 } }),
    record('crew-4', { onComplete: 'none' }),
  ]);
  await add(runs, record('crew-5'));
  const notes = await notesOnRunsBeside(runs, record('crew-6'));
  expect(notes).toEqual([
    expect.stringMatching(/^! Beside this run, crew will push to the same branch\. /),
  ]);
  expect(await notesOnRunsBeside(runs, record('crew-6', {}, { rehearsal: { port: 1 } }))).toEqual(
    [],
  );
  await release();
  expect(await notesOnRunsBeside(runs, record('crew-6'))).toEqual([]);
});

test('a run is told which runs write to its output directory, also in rehearsals', async () => {
  const runs = await temporary();
  const rehearsal = { port: 1 };
  const release = await hold(runs, [
    record('brief', { onComplete: 'none' }, { output: '/results', rehearsal }),
    record('brief-2', { onComplete: 'none' }, { output: '/other', rehearsal }),
  ]);
  const next = record('brief-3', { onComplete: 'none' }, { output: '/results', rehearsal });
  expect(await notesOnRunsBeside(runs, next)).toEqual([
    expect.stringMatching(/^! Beside this run, brief writes to the same output directory, /),
  ]);
  await release();
  expect(await notesOnRunsBeside(runs, next)).toEqual([]);
});
