import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { EXIT } from '@agentteam/contract';
import { expect, test } from '@jest/globals';
import { prepareAgentGit } from '../../src/git/agent-git.ts';
import { consolidate } from '../../src/git/merge/consolidate.ts';
import { prepareWorktree } from '../../src/git/worktree/prepare.ts';
import { plant, plantElsewhere } from '../support/plant.ts';
import { shell } from '../support/shell.ts';
import { include, makeCodingTeam, never } from '../support/team.ts';
import { handOverWork, violationsOf } from '../support/work.ts';

const AGENTS = ['team-lead', 'api', 'web'];
const TEN_LINES = Array.from({ length: 10 }, (_, index) => `${index}\n`).join('');

test.each([
  ['in agents’ repositories', plant],
  ['in other repositories, to which the agents’ point', plantElsewhere],
])('nothing that agents plant %s runs in the runner’s git', async (_, plantIn) => {
  const team = await makeCodingTeam(
    { 'src/a.txt': TEN_LINES },
    { api: { scope: include('src/') }, web: {} },
  );
  const trap = join(team.directory, 'trap');
  const plantAll = async () => {
    for (const name of AGENTS) await plantIn(team.own(name), trap);
  };

  await plantAll();
  await prepareWorktree(team.repository, 'api', never);
  await shell(
    team.tree('api'),
    'sed -i 1s/0/api/ src/a.txt; echo "* filter=evil merge=evil" > src/.gitattributes',
  );
  await plantAll();
  await handOverWork(team.repository, 'api');
  // Both sides change the same file, so that git would run a merge driver.
  await shell(team.tree('web'), 'sed -i 10s/9/web/ src/a.txt');
  await plantAll();
  await handOverWork(team.repository, 'web');
  await plantAll();
  expect(await violationsOf(team.repository, 'api')).toEqual([]);
  await plantAll();
  const outcome = await consolidate(team.repository, team.session, never);
  expect(outcome).toMatchObject({ status: 'merged', merged: ['api', 'web'] });
  expect(await readdir(trap)).toEqual([]);
  // The traps work: plain git triggers them.
  await plantAll();
  await shell(team.tree('web'), 'git diff main agents/auth/web > /dev/null 2>&1 || true');
  expect(await readdir(trap)).not.toEqual([]);
});

test('files marked as unchanged are found anyway', async () => {
  const team = await makeCodingTeam({ 'a.txt': 'one\n' }, { api: {} });
  await shell(team.tree('api'), 'echo new > new.txt; echo two > a.txt');
  await shell(
    team.tree('api'),
    'mkdir -p "$OWN/info"; echo "*" > "$OWN/info/exclude"; git update-index --assume-unchanged a.txt',
    { OWN: team.own('api') },
  );
  await handOverWork(team.repository, 'api');
  expect(await shell(team.own('api'), 'git diff --name-only main agents/auth/api')).toBe(
    'a.txt\nnew.txt',
  );
});

test('a link in place of a restored file is not followed', async () => {
  const team = await makeCodingTeam({ 'a.txt': 'one\n' }, { api: {} });
  await shell(
    team.own('api'),
    'rm -rf info; mkdir "$ELSEWHERE"; echo kept > "$ELSEWHERE/attributes"; ln -s "$ELSEWHERE" info',
    { ELSEWHERE: join(team.directory, 'elsewhere') },
  );
  await handOverWork(team.repository, 'api');
  expect(await readdir(join(team.directory, 'elsewhere'))).toEqual(['attributes']);
});

test('the .git of a tree does not lead the runner’s git elsewhere', async () => {
  const team = await makeCodingTeam({ 'a.txt': 'one\n' }, { api: {}, web: {} });
  const trap = join(team.directory, 'trap');
  const tree = team.tree('api');
  await shell(
    tree,
    'rm .git; git init -q; git config core.fsmonitor "touch \\"$TRAP\\""; echo two > a.txt',
    { TRAP: trap },
  );
  await handOverWork(team.repository, 'api');
  expect(await shell(team.own('api'), 'git show agents/auth/api:a.txt')).toBe('two');
  expect(await readdir(team.directory)).not.toContain('trap');
  await prepareWorktree(team.repository, 'api', never);
  expect(await shell(tree, 'git branch --show-current')).toBe('agents/auth/api');
});

test("an agent's git runs its own trailers, but no hooks of other agents", async () => {
  const team = await makeCodingTeam({ 'a.txt': 'one\n' }, { api: {}, web: {} });
  const trap = join(team.directory, 'trap');
  await plant(team.own('web'), trap);
  const variables = await prepareAgentGit(
    join(team.directory, 'own hooks'),
    team.repository,
    'api',
  );
  await shell(team.tree('api'), 'echo two > a.txt; git commit -qam "Say two"', variables);
  expect(await readdir(trap)).toEqual([]);
  expect(await shell(team.tree('api'), 'git log -1 --format="%an|%B"')).toBe(
    'api|Say two\n\nAgent-Team: dev/auth\nAgent: api\n',
  );
});

test('locks of a killed git do not block the next attempt', async () => {
  const team = await makeCodingTeam({ 'a.txt': 'one\n' }, { api: {} });
  await shell(team.own('api'), 'touch index.lock HEAD.lock packed-refs.lock');
  await prepareWorktree(team.repository, 'api', never);
  await shell(team.tree('api'), 'echo two > a.txt; git commit -qam two');
  expect(await shell(team.tree('api'), 'git log -1 --format=%s')).toBe('two');
});

test.each([
  ['an empty HEAD', ': > HEAD'],
  ['a HEAD with something else', 'echo hello > HEAD'],
  ['a HEAD that leads out of the refs', 'echo "ref: ../../elsewhere" > HEAD'],
  ['a directory in place of HEAD', 'rm HEAD; mkdir -p HEAD/more'],
  ['no HEAD', 'rm HEAD'],
  ['an empty index', ': > index'],
  ['a link in place of the index', 'rm index; ln -s /dev/zero index'],
])('the work of an agent that left %s is committed', async (_, damage) => {
  const team = await makeCodingTeam({ 'a.txt': 'one\n', 'b.txt': 'b\n' }, { api: {} });
  await shell(team.tree('api'), 'echo two > a.txt; git commit -qam "Say two"; echo new > new.txt');
  await shell(team.own('api'), damage);
  await handOverWork(team.repository, 'api');
  const changes = await shell(team.own('api'), 'git diff --name-status main agents/auth/api');
  expect(changes).toBe('M\ta.txt\nA\tnew.txt');
  const subjects = await shell(team.own('api'), 'git log --format=%s main..agents/auth/api');
  expect(subjects).toBe('api\nSay two');
});

test('an agent that left neither a HEAD nor its branch is told what to restore', async () => {
  const team = await makeCodingTeam({ 'a.txt': 'one\n' }, { api: {} });
  await shell(team.tree('api'), 'echo two > a.txt; git commit -qam "Say two"');
  await shell(team.own('api'), ': > HEAD; : > refs/heads/agents/auth/api');
  await expect(handOverWork(team.repository, 'api')).rejects.toMatchObject({
    exitCode: EXIT.refused,
    message: expect.stringMatching(/^api has damaged its repository: .* run agentteam retry\.$/),
  });
});

test('replaced or grafted history is ignored', async () => {
  const team = await makeCodingTeam({ 'a.txt': 'one\n' }, { api: { scope: include('src/') } });
  await shell(
    team.tree('api'),
    'echo two > a.txt; git commit -qam two; git replace HEAD HEAD~1; mkdir -p "$STORE/info"; git rev-parse HEAD > "$STORE/info/grafts"',
    { STORE: team.own('api') },
  );
  expect(await violationsOf(team.repository, 'api')).toMatchObject([{ path: 'a.txt' }]);
});
