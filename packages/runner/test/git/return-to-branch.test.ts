import { describe, expect, test } from '@jest/globals';
import { consolidate } from '../../src/git/merge/consolidate.ts';
import { commitLeftovers } from '../../src/git/worktree/commit-leftovers.ts';
import { shell } from '../support/shell.ts';
import { makeCodingTeam, never } from '../support/team.ts';
import { handOverWork } from '../support/work.ts';

const BASE = { 'a.txt': 'one\n', 'b.txt': 'one\n' };

describe('an agent that leaves the history of the repository', () => {
  test.each([
    [
      'by changing its first commit',
      'echo two > a.txt; echo new > new.txt; git add --all; git commit -q --amend -m Rewritten',
      ['a.txt', 'new.txt'],
    ],
    [
      'by a branch without history',
      'git checkout -q --orphan fresh; git rm -rfq .; echo new > new.txt; git add --all; git commit -qm New',
      ['new.txt'],
    ],
    [
      'by a branch without history, which it renames to its own',
      'B=$(git branch --show-current); git checkout -q --orphan fresh; echo two > a.txt; git add --all; git commit -qm New; git branch -M $B',
      ['a.txt'],
    ],
  ])('%s keeps its work, on top of the base', async (_, script, changed) => {
    const team = await makeCodingTeam(BASE, { api: {}, web: {} });
    await shell(team.tree('api'), script);
    await shell(team.tree('web'), 'echo two > b.txt');
    for (const name of ['api', 'web']) await handOverWork(team.repository, name);
    const outcome = await consolidate(team.repository, team.session, never);
    expect(outcome).toMatchObject({ status: 'merged' });
    const lead = team.tree('team-lead');
    const names = await shell(lead, 'git diff --name-only main');
    expect(names.split('\n').toSorted()).toEqual([...changed, 'b.txt'].toSorted());
    expect(await shell(lead, 'git merge-base main HEAD')).toBe(
      await shell(lead, 'git rev-parse main'),
    );
  });

  test('is told which files conflict with those of the repository', async () => {
    const team = await makeCodingTeam(BASE, { api: {} });
    await shell(
      team.tree('api'),
      'git checkout -q --orphan fresh; echo two > a.txt; git add --all; git commit -qm New',
    );
    await expect(commitLeftovers(team.repository, 'api', 'Work', never)).rejects.toThrow(
      /api left work on refs\/heads\/fresh that conflicts with .*: a.txt$/,
    );
  });
});
