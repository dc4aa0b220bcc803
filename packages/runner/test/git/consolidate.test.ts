import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { concludeMerge } from '../../src/git/merge/conclude.ts';
import { consolidate } from '../../src/git/merge/consolidate.ts';
import { consolidateWithLead } from '../../src/git/merge/with-lead.ts';
import { prepareWorktree } from '../../src/git/worktree/prepare.ts';
import { shell } from '../support/shell.ts';
import { include, makeCodingTeam, never } from '../support/team.ts';
import { handOverWork } from '../support/work.ts';

const BASE = { 'src/a.txt': 'one\n', 'src/b.txt': 'one\n', 'README.md': 'read me\n' };

describe('consolidation', () => {
  test('merges all work in the order of dependencies, and names the agents', async () => {
    const team = await makeCodingTeam(BASE, {
      tests: { dependsOn: ['api'] },
      api: { scope: include('src/') },
    });
    await prepareWorktree(team.repository, 'api', never);
    await shell(team.tree('api'), 'echo two > src/a.txt; echo new > src/new.txt');
    await handOverWork(team.repository, 'api', 'Write the API');

    await prepareWorktree(team.repository, 'tests', never);
    expect(await shell(team.tree('tests'), 'cat src/a.txt')).toBe('two');
    await shell(team.tree('tests'), 'echo test > test.txt');
    await handOverWork(team.repository, 'tests', 'Test the API');

    const outcome = await consolidate(team.repository, team.session, never);
    expect(outcome).toMatchObject({ status: 'merged', merged: ['api', 'tests'] });
    const lead = team.tree('team-lead');
    expect(await shell(lead, 'git branch --show-current; git status --porcelain')).toBe(
      'teams/auth',
    );
    expect(await shell(lead, 'cat src/a.txt src/new.txt test.txt')).toBe('two\nnew\ntest');
    const log = await shell(
      lead,
      "git log --no-merges --format='%an|%ae|%(trailers:only,unfold,separator=%x2C)' main..",
    );
    expect(log.split('\n')).toEqual([
      'tests|tests@auth.dev.agentteam.invalid|Agent-Team: dev/auth,Agent: tests',
      'api|api@auth.dev.agentteam.invalid|Agent-Team: dev/auth,Agent: api',
    ]);
    // Another call merges nothing, and gives the same result.
    expect(await consolidate(team.repository, team.session, never)).toEqual({
      ...outcome,
      merged: [],
    });
  });

  test('shows the lead both sides of a conflict, and merges the lead’s resolution', async () => {
    const team = await makeCodingTeam(BASE, {
      left: { prompt: 'Say left.' },
      right: { prompt: 'Say right.' },
    });
    for (const name of ['left', 'right']) {
      await shell(team.tree(name), `echo ${name} > src/a.txt; echo ${name} > ${name}.txt`);
      await handOverWork(team.repository, name);
    }
    const outcome = await consolidate(team.repository, team.session, never);
    if (outcome.status !== 'conflict') throw new Error(`not a conflict: ${outcome.status}`);
    expect(outcome.conflict).toMatchObject({
      agent: 'right',
      files: [
        {
          path: 'src/a.txt',
          base: 'one\n',
          ours: 'left\n',
          theirs: 'right\n',
          changedBy: ['left'],
        },
      ],
    });
    // A restarted step finds the merge in progress.
    expect(await consolidate(team.repository, team.session, never)).toEqual(outcome);
    expect(await concludeMerge(team.repository, outcome.conflict, never)).toEqual(['src/a.txt']);

    const messages: string[] = [];
    const { commit } = await consolidateWithLead(
      team.repository,
      team.session,
      async (message) => {
        messages.push(message);
        if (messages.length > 1)
          await writeFile(join(team.tree('team-lead'), 'src/a.txt'), 'both\n');
      },
      never,
    );
    expect(messages).toHaveLength(2);
    expect(messages[0]).toContain('Say left.');
    expect(messages[0]).toContain('Say right.');
    expect(messages[1]).toContain('src/a.txt');
    const lead = team.tree('team-lead');
    expect(await shell(lead, 'git rev-parse HEAD')).toBe(commit);
    expect(await shell(lead, 'cat src/a.txt left.txt right.txt')).toBe('both\nleft\nright');
  });

  test('keeps everything and names the files when a conflict stays unresolved', async () => {
    const team = await makeCodingTeam(BASE, { left: {}, right: {} });
    for (const name of ['left', 'right']) {
      await shell(team.tree(name), `echo ${name} > src/a.txt`);
      await handOverWork(team.repository, name);
    }
    const attempt = consolidateWithLead(team.repository, team.session, async () => {}, never);
    await expect(attempt).rejects.toMatchObject({
      exitCode: 67,
      message: expect.stringContaining('src/a.txt'),
    });
    const lead = team.own('team-lead');
    expect(await shell(lead, 'git show team/left:src/a.txt team/right:src/a.txt')).toBe(
      'left\nright',
    );
  });

  test('does not take an aborted merge as a resolution', async () => {
    const team = await makeCodingTeam(BASE, { left: {}, right: {} });
    for (const name of ['left', 'right']) {
      await shell(team.tree(name), `echo ${name} > src/a.txt`);
      await handOverWork(team.repository, name);
    }
    const attempt = consolidateWithLead(
      team.repository,
      team.session,
      async () => {
        await shell(team.tree('team-lead'), 'git merge --abort || true');
      },
      never,
    );
    await expect(attempt).rejects.toMatchObject({ exitCode: 67 });
  });

  test('ignores a result branch that an agent made up', async () => {
    const team = await makeCodingTeam(BASE, { api: { scope: include('src/') }, docs: {} });
    await shell(
      team.tree('api'),
      'echo evil > README.md; git commit -qam evil; git branch teams/auth; git reset -q --hard HEAD~1',
    );
    await shell(team.tree('docs'), 'echo docs > docs.txt');
    await handOverWork(team.repository, 'docs');
    const outcome = await consolidate(team.repository, team.session, never);
    expect(outcome).toMatchObject({ status: 'merged', merged: ['docs'] });
    expect(await shell(team.tree('team-lead'), 'cat README.md docs.txt')).toBe('read me\ndocs');
  });

  test("includes the lead's own work, and its later changes", async () => {
    const team = await makeCodingTeam(BASE, { api: {} });
    const lead = team.tree('team-lead');
    await shell(lead, 'echo plan > plan.txt');
    await shell(team.tree('api'), 'echo api > api.txt');
    await handOverWork(team.repository, 'api');
    const first = await consolidate(team.repository, team.session, never);
    expect(first).toMatchObject({ status: 'merged', merged: ['api', 'team-lead'] });
    await shell(lead, 'echo fixed > api.txt');
    const second = await consolidate(team.repository, team.session, never);
    if (second.status !== 'merged') throw new Error(second.status);
    expect(await shell(lead, `git show ${second.commit}:api.txt ${second.commit}:plan.txt`)).toBe(
      'fixed\nplan',
    );
  });
});
