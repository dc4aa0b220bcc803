import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { LEAD } from '@agentteam/contract';
import { expect, test } from '@jest/globals';
import { prepareAgentGit } from '../../src/git/agent-git.ts';
import { consolidate } from '../../src/git/merge/consolidate.ts';
import { prepareWorktree } from '../../src/git/worktree/prepare.ts';
import { shell } from '../support/shell.ts';
import { type CodingTeam, include, makeCodingTeam, never } from '../support/team.ts';
import { handOverWork, violationsOf } from '../support/work.ts';

const BASE = { 'src/a.txt': 'one\n', 'docs/b.txt': 'one\n' };

const makeSharedTeam = () =>
  makeCodingTeam(
    BASE,
    {
      api: { scope: include('src/') },
      docs: { scope: include('docs/') },
      late: { scope: include('late/'), dependsOn: ['api'] },
    },
    { worktreeStrategy: 'shared' },
  );

/** Runs a script in the shared tree, with the environment of an agent's process. */
async function asAgent(team: CodingTeam, agent: string, script: string): Promise<string> {
  const hooks = join(team.directory, 'hooks', agent);
  const env = await prepareAgentGit(hooks, team.repository, agent);
  return shell(team.tree(agent), script, env);
}

test('each agent commits in its own repository, and its work is merged', async () => {
  const team = await makeSharedTeam();
  for (const name of ['api', 'docs']) await prepareWorktree(team.repository, name, never);
  await asAgent(team, 'api', 'echo api > src/a.txt; git add src; git commit -qm "Write the API"');
  await asAgent(team, 'docs', 'echo docs > docs/b.txt; echo rest > rest.txt');
  expect(await asAgent(team, 'docs', 'git log -1 --format=%s')).toBe('The beginning');
  // Files outside its scope stay in the tree.
  for (const name of ['api', 'docs']) await handOverWork(team.repository, name);
  const outcome = await consolidate(team.repository, team.session, never);
  expect(outcome).toMatchObject({ status: 'merged', merged: ['api', 'docs'] });
  const log = await shell(
    team.tree(LEAD),
    "git log --no-merges --format='%an' --name-only main..; ls",
  );
  expect(log.split('\n').filter(Boolean)).toEqual([
    'docs',
    'docs/b.txt',
    'api',
    'src/a.txt',
    'docs',
    'src',
  ]);
});

test('an agent that commits other agents’ files is detected, whatever the author’s name', async () => {
  const team = await makeSharedTeam();
  await asAgent(
    team,
    'api',
    'echo evil > docs/b.txt; git -c user.name=docs commit -qam evil --author="docs <docs@auth.dev.agentteam.invalid>"',
  );
  expect(await violationsOf(team.repository, 'api')).toMatchObject([{ path: 'docs/b.txt' }]);
});

test('an agent starts from the commits of its dependencies, and no files are lost', async () => {
  const team = await makeSharedTeam();
  await asAgent(team, 'api', 'echo api > src/a.txt');
  await handOverWork(team.repository, 'api');
  await asAgent(team, 'docs', 'echo docs > docs/b.txt');
  await prepareWorktree(team.repository, 'late', never);
  expect(await asAgent(team, 'late', 'git status --porcelain; cat src/a.txt docs/b.txt')).toBe(
    ' M docs/b.txt\napi\ndocs',
  );
});

test('git does not read a repository that another agent planted in the tree', async () => {
  const team = await makeSharedTeam();
  const trap = join(team.directory, 'trap');
  await asAgent(
    team,
    'api',
    `mkdir "${trap}"; env -u GIT_DIR git init -q .; for key in core.fsmonitor diff.external filter.x.clean; do git config --file .git/config $key "touch '${trap}/x'; false"; done`,
  );
  await asAgent(team, 'docs', 'echo docs > docs/b.txt; git status; git diff; git commit -qam docs');
  await prepareWorktree(team.repository, 'docs', never);
  await handOverWork(team.repository, 'docs');
  expect(await readdir(trap)).toEqual([]);
});
