import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import {
  commitLeftovers,
  consolidate,
  prepareAgentGit,
  prepareWorktree,
  scopeViolations,
} from '../../src/git/index.ts';
import { plant, plantElsewhere } from '../support/plant.ts';
import { shell } from '../support/shell.ts';
import { include, makeCodingTeam, never } from '../support/team.ts';

const TEN_LINES = Array.from({ length: 10 }, (_, index) => `${index}\n`).join('');

test.each([
  ['in the clone', plant],
  ['in another clone, to which it points', plantElsewhere],
])('nothing that agents plant %s runs in our git', async (_, plantIn) => {
  const team = await makeCodingTeam(
    { 'src/a.txt': TEN_LINES },
    { api: { scope: include('src/') }, web: {} },
  );
  const trap = join(team.directory, 'trap');
  const plantAll = () => plantIn(team.repository.store, trap);

  await plantAll();
  await prepareWorktree(team.repository, 'api', never);
  await shell(
    team.tree('api'),
    'sed -i 1s/0/api/ src/a.txt; echo "* filter=evil merge=evil" > src/.gitattributes',
  );
  await plantAll();
  await commitLeftovers(team.repository, 'api', 'api', never);
  // In the same file: somebody's merge driver would be asked.
  await shell(team.tree('web'), 'sed -i 10s/9/web/ src/a.txt');
  await plantAll();
  await commitLeftovers(team.repository, 'web', 'web', never);
  await plantAll();
  expect(await scopeViolations(team.repository, 'api', never)).toEqual([]);
  await plantAll();
  const outcome = await consolidate(team.repository, team.session, never);
  expect(outcome).toMatchObject({ status: 'merged', merged: ['api', 'web'] });
  expect(await readdir(trap)).toEqual([]);
  // The traps are real: a plain git there walks into them.
  await plantAll();
  await shell(team.repository.store, 'git diff main agents/auth/web > /dev/null 2>&1 || true');
  expect(await readdir(trap)).not.toEqual([]);
});

test('nobody has the new files of another overlooked', async () => {
  const team = await makeCodingTeam({ 'a.txt': 'one\n' }, { api: {} });
  await shell(team.tree('api'), 'echo new > new.txt; echo two > a.txt');
  await shell(
    team.repository.store,
    'mkdir -p info; echo "*" > info/exclude; git --work-tree="$TREE" --git-dir=worktrees/api update-index --assume-unchanged a.txt',
    { TREE: team.tree('api') },
  );
  await commitLeftovers(team.repository, 'api', 'api', never);
  expect(await shell(team.repository.store, 'git diff --name-only main agents/auth/api')).toBe(
    'a.txt\nnew.txt',
  );
});

test('a link in the place of what is tidied leads our hands nowhere', async () => {
  const team = await makeCodingTeam({ 'a.txt': 'one\n' }, { api: {} });
  await shell(
    team.repository.store,
    'rm -rf info; mkdir "$ELSEWHERE"; echo kept > "$ELSEWHERE/attributes"; ln -s "$ELSEWHERE" info',
    { ELSEWHERE: join(team.directory, 'elsewhere') },
  );
  await commitLeftovers(team.repository, 'api', 'api', never);
  expect(await readdir(join(team.directory, 'elsewhere'))).toEqual(['attributes']);
});

test("a tree's own .git does not lead our git elsewhere", async () => {
  const team = await makeCodingTeam({ 'a.txt': 'one\n' }, { api: {} });
  const trap = join(team.directory, 'trap');
  const tree = team.tree('api');
  await shell(
    tree,
    'rm .git; git init -q; git config core.fsmonitor "touch \\"$TRAP\\""; echo two > a.txt',
    { TRAP: trap },
  );
  await commitLeftovers(team.repository, 'api', 'api', never);
  expect(await shell(team.repository.store, 'git show agents/auth/api:a.txt')).toBe('two');
  expect(await readdir(team.directory)).not.toContain('trap');
  await prepareWorktree(team.repository, 'api', never);
  expect(await shell(tree, 'git branch --show-current')).toBe('agents/auth/api');
});

test("another agent's hooks do not run in an agent's own git, its own trailers do", async () => {
  const team = await makeCodingTeam({ 'a.txt': 'one\n' }, { api: {} });
  const trap = join(team.directory, 'trap');
  await plant(team.repository.store, trap);
  // A filter runs in every git that meets it; agents of one team are not kept from each other here.
  await shell(team.repository.store, 'git config --remove-section filter.evil');
  const variables = await prepareAgentGit(join(team.directory, 'own hooks'), team.spec, 'api');
  await shell(team.tree('api'), 'echo two > a.txt; git commit -qam "Say two"', variables);
  expect(await readdir(trap)).toEqual([]);
  expect(await shell(team.tree('api'), 'git log -1 --format="%an|%B"')).toBe(
    'api|Say two\n\nAgent-Team: dev/auth\nAgent: api\n',
  );
});

test('locks that a killed git left do not stop the next attempt', async () => {
  const team = await makeCodingTeam({ 'a.txt': 'one\n' }, { api: {} });
  await shell(team.repository.store, 'touch worktrees/api/index.lock worktrees/api/HEAD.lock');
  await prepareWorktree(team.repository, 'api', never);
  await shell(team.tree('api'), 'echo two > a.txt; git commit -qam two');
  expect(await shell(team.tree('api'), 'git log -1 --format=%s')).toBe('two');
});

test('history that is replaced or grafted is not what is looked at', async () => {
  const team = await makeCodingTeam({ 'a.txt': 'one\n' }, { api: { scope: include('src/') } });
  await shell(
    team.tree('api'),
    'echo two > a.txt; git commit -qam two; git replace HEAD HEAD~1; mkdir -p "$STORE/info"; git rev-parse HEAD > "$STORE/info/grafts"',
    { STORE: team.repository.store },
  );
  expect(await scopeViolations(team.repository, 'api', never)).toMatchObject([{ path: 'a.txt' }]);
});
