import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EXIT, LEAD } from '@agentteam/contract';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { consolidate } from '../../src/git/merge/consolidate.ts';
import { killGitOnce, restorePath } from '../support/kill-git.ts';
import { shell } from '../support/shell.ts';
import { makeCodingTeam, never } from '../support/team.ts';
import { handOverWork } from '../support/work.ts';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'agentteam git '));
});
afterEach(async () => {
  restorePath();
  await rm(directory, { recursive: true });
});

test.each(['merge-base', 'index-pack', 'ls-tree', 'update-ref'])(
  'if git %s is killed, another attempt takes the work over',
  async (command) => {
    const team = await makeCodingTeam({ 'a.txt': 'one' }, { api: {} });
    await shell(team.tree('api'), 'echo two > a.txt');
    await handOverWork(team.repository, 'api');
    await killGitOnce(directory, command);
    await expect(consolidate(team.repository, team.session, never)).rejects.toMatchObject({
      message: expect.stringMatching(new RegExp(`^git ${command} failed`)),
      exitCode: EXIT.failed,
    });
    expect(await consolidate(team.repository, team.session, never)).toMatchObject({
      status: 'merged',
      merged: ['api'],
    });
  },
);

test('after a kill at the end of the merges, another attempt merges nothing twice', async () => {
  const team = await makeCodingTeam({ 'a.txt': 'one' }, { api: {} });
  await shell(team.tree('api'), 'echo two > a.txt');
  await handOverWork(team.repository, 'api');
  await shell(team.tree(LEAD), 'echo plan > plan.txt');
  await killGitOnce(directory, 'merge --quiet', 'after');
  await expect(consolidate(team.repository, team.session, never)).rejects.toMatchObject({
    exitCode: EXIT.failed,
  });
  const outcome = await consolidate(team.repository, team.session, never);
  expect(outcome).toMatchObject({ status: 'merged' });
  const log = await shell(team.tree(LEAD), 'git log --merges --format=%s; git status --short');
  expect(log).toBe('Merge the work of team-lead\nMerge the work of api');
});
