import { readdirSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { agentteam } from '../commands/agentteam.ts';
import { temporaryDirectories } from '../temporary.ts';

/** Directories of runs that earlier releases left, by release. */
const recorded = fileURLToPath(new URL('recorded', import.meta.url));
const temporary = temporaryDirectories();

describe.each(readdirSync(recorded))('a run that release %s left', (release) => {
  const onRuns = async () => {
    const directory = await temporary();
    await cp(join(recorded, release), join(directory, 'runs'), { recursive: true });
    return (...words: readonly string[]) =>
      agentteam([...words, '--dir', join(directory, 'runs')], directory);
  };

  test('is listed and shown with what it cost and reported', async () => {
    const run = await onRuns();
    expect(await run('list')).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/q3-report\s+Completed/),
    });
    const { exitCode, stdout } = await run('get', 'q3-report', '-o', 'json');
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout).status).toMatchObject({
      phase: 'Completed',
      ready: '2/2',
      estimatedCost: '0.18',
      approvals: [{ event: 'spawn-email-drafter', decision: 'approve' }],
    });
    for (const [verb, words] of [
      ['logs', 'I will write the report myself'],
      ['messages', 'Please give me the quarter against the one before'],
      ['cost', 'researcher'],
    ] as const) {
      expect(await run(verb, 'q3-report')).toMatchObject({
        exitCode: 0,
        stdout: expect.stringContaining(words),
      });
    }
  });

  test('can be deleted', async () => {
    const run = await onRuns();
    expect(await run('delete', 'q3-report', '--yes')).toMatchObject({ exitCode: 0 });
    expect((await run('list')).stdout).not.toContain('q3-report');
  });
});
