import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { sameBranchNotes } from '../../src/run/same-branch.ts';
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

test('a run is told which runs will push to its branch, while they run', async () => {
  const runs = await temporary();
  const release: (() => Promise<void>)[] = [];
  for (const other of [
    record('crew'),
    record('crew-2', { consolidatedBranchTemplate: 'other' }),
    record('crew-3', {}, { rehearsal: { port: 1 } }),
    record('crew-4', { onComplete: 'none' }),
    record('crew-5'),
  ]) {
    const directory = join(runs, other.run);
    await mkdir(directory);
    await writeRecord(runs, other);
    if (other.run !== 'crew-5') release.push(await holdRun(directory, other.run));
  }
  const notes = await sameBranchNotes(runs, record('crew-6'));
  expect(notes).toEqual([
    expect.stringMatching(/^! crew is running and will push to the same branch\. /),
  ]);
  expect(await sameBranchNotes(runs, record('crew-6', {}, { rehearsal: { port: 1 } }))).toEqual([]);
  for (const end of release) await end();
  expect(await sameBranchNotes(runs, record('crew-6'))).toEqual([]);
});
