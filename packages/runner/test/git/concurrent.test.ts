import { expect, test } from '@jest/globals';
import { prepareAgentGit } from '../../src/git/agent-git.ts';
import { consolidate } from '../../src/git/merge/consolidate.ts';
import { shell } from '../support/shell.ts';
import { makeCodingTeam, never } from '../support/team.ts';
import { handOverWork } from '../support/work.ts';

const COMMITS = 200;

test(`three teammates make ${COMMITS} commits each at the same time, and none is lost`, async () => {
  const names = ['api', 'web', 'docs'];
  const teammates = Object.fromEntries(names.map((name) => [name, {}]));
  const team = await makeCodingTeam({ 'a.txt': 'one\n' }, teammates);
  const work = names.map(async (name) => {
    const hooks = `${team.directory}/hooks-${name}`;
    const env = await prepareAgentGit(hooks, team.repository, name);
    const commit = `echo $i > ${name}-$((i % 7)).txt; twice git add -A; twice git commit -q -m "${name} $i"`;
    // git fails if a repack removes an empty directory for objects just before git writes to it.
    const twice = 'twice() { "$@" 2> /dev/null || "$@"; }';
    await shell(team.tree(name), `${twice}; for i in $(seq ${COMMITS}); do ${commit}; done`, env);
  });
  // Meanwhile, an agent can do this to its own repository at any time.
  const upkeep = names.map((name) =>
    shell(team.own(name), 'for i in 1 2 3; do git pack-refs --all; git repack -q -d; done'),
  );
  await Promise.all([...work, ...upkeep]);
  for (const name of names) {
    await handOverWork(team.repository, name, 'left');
    const subjects = await shell(team.tree(name), 'git log --reverse --format=%s main..');
    expect(subjects.split('\n')).toEqual(
      Array.from({ length: COMMITS }, (_, index) => `${name} ${index + 1}`),
    );
    const agents = await shell(
      team.tree(name),
      "git log --format='%an %(trailers:key=Agent,valueonly,separator=%x2C)' main.. | sort -u",
    );
    expect(agents).toBe(`${name} ${name}`);
  }
  const outcome = await consolidate(team.repository, team.session, never);
  expect(outcome).toMatchObject({ status: 'merged', merged: names });
  expect(await shell(team.own('team-lead'), 'git fsck --strict --no-dangling 2>&1')).toBe('');
  const count = await shell(team.tree('team-lead'), 'git rev-list --no-merges --count main..');
  expect(Number(count)).toBe(names.length * COMMITS);
});
