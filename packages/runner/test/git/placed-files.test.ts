import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EXIT, LEAD, PATHS, type PlacedFile } from '@agentteam/contract';
import { expect, test } from '@jest/globals';
import { withVerifiedResult } from '../../src/deliver/clean-clone.ts';
import { consolidate } from '../../src/git/merge/consolidate.ts';
import { commitLeftovers } from '../../src/git/worktree/commit-leftovers.ts';
import { placeFiles } from '../../src/git/worktree/place-files.ts';
import { prepareWorktree } from '../../src/git/worktree/prepare.ts';
import { setupCommand } from '../../src/setup/command.ts';
import { StepFailure } from '../../src/step/failure.ts';
import { printed } from '../support/printed.ts';
import { makeRepository, shell } from '../support/shell.ts';
import {
  type CodingTeam,
  codingSpec,
  makeCodingTeam,
  makePlace,
  mount,
  never,
  type Place,
  withSpec,
} from '../support/team.ts';
import { handOverCommit, handOverWork, mergeWork, violationsOf } from '../support/work.ts';

const ENV_FILE: PlacedFile = { path: '.env.test', configMap: 'settings', key: 'env' };
const NESTED: PlacedFile = { path: 'conf/deep/a [b].json', configMap: 'settings', key: 'json' };
const FILES = [ENV_FILE, NESTED];
const PLACED = FILES.map(({ path }) => path);

/** Mounts the ConfigMap `settings`. */
async function withSettings(place: Place): Promise<void> {
  const directory = join(place.directory, 'settings');
  await mount(place.root, `${PATHS.files}/settings`, directory);
  await writeFile(join(directory, 'env'), 'URL=http://localhost\n');
  await writeFile(join(directory, 'json'), '{}\n');
}

async function makeTeam(files: Readonly<Record<string, string>> = {}): Promise<CodingTeam> {
  const team = await makeCodingTeam(
    { 'src/a.txt': 'one\n', ...files },
    { api: {}, web: {} },
    { placed: PLACED },
  );
  await withSettings(team);
  return team;
}

const place = (team: CodingTeam, agent = 'api') =>
  placeFiles(team.root, team.repository, agent, FILES, never);
/** Prepares an agent's worktree as its runner does. */
async function start(team: CodingTeam, agent = 'api'): Promise<void> {
  await prepareWorktree(team.repository, agent, never);
  await place(team, agent);
}

test('an agent has the files, and nobody commits them', async () => {
  const team = await makeTeam();
  await start(team);
  const tree = team.tree('api');
  expect(await readFile(join(tree, '.env.test'), 'utf8')).toBe('URL=http://localhost\n');
  expect(await readFile(join(tree, 'conf/deep/a [b].json'), 'utf8')).toBe('{}\n');
  // The agent's own git, and then the runner's.
  await shell(tree, 'echo new > src/b.txt; git add --all; git commit -qm mine; echo c > src/c.txt');
  const { leftOut } = await commitLeftovers(team.repository, 'api', 'Work', never);
  expect(leftOut).toEqual([]);
  expect(await shell(tree, 'git diff --name-only main')).toBe('src/b.txt\nsrc/c.txt');
  expect(await shell(tree, 'git status --porcelain')).toBe('');
});

test.each([
  ['staged by force', 'git add --force .env.test'],
  ['taken back by a .gitignore', 'printf "!.env.test\\n!conf/\\n" > .gitignore; git add --all'],
])('a file that was %s is not committed by the runner', async (_, script) => {
  const team = await makeTeam();
  await start(team);
  await shell(team.tree('api'), `echo new > src/b.txt; ${script}`);
  const { leftOut } = await commitLeftovers(team.repository, 'api', 'Work', never);
  expect(leftOut).toEqual([]);
  const files = (await shell(team.tree('api'), 'git diff --name-only main')).split('\n');
  expect(files.filter((path) => path !== '.gitignore')).toEqual(['src/b.txt']);
  expect(await violationsOf(team.repository, 'api')).toEqual([]);
});

const FORCED = 'git add --force .env.test; git commit -qm forced';

test.each([
  ['commits', FORCED],
  ['commits and removes again', `${FORCED}; git rm -q --cached .env.test; git commit -qm removed`],
  [
    'merges from a branch that removes it again',
    `git checkout -qb side; ${FORCED}; git rm -q --cached .env.test; git commit -qm removed
     git checkout -q -; echo b > src/b.txt; git add src; git commit -qm b; git merge -q --no-edit side`,
  ],
  [
    'adds only in a merge',
    `git checkout -qb side; echo b > src/b.txt; git add src; git commit -qm b
     git checkout -q -; echo c > src/c.txt; git add src; git commit -qm c
     git merge -q --no-commit side; git add -f .env.test; git commit -qm merged
     git rm -q --cached .env.test; git commit -qm removed`,
  ],
])('a file that an agent %s is refused at every check', async (_, script) => {
  const team = await makeTeam();
  await start(team);
  await shell(team.tree('api'), script);
  const commit = await handOverWork(team.repository, 'api');
  const refused = { path: '.env.test', reason: expect.stringContaining('environment.files') };
  expect(await violationsOf(team.repository, 'api')).toEqual([refused]);
  expect(await consolidate(team.repository, team.session, never)).toMatchObject({
    status: 'violation',
    agent: 'api',
    violations: [refused],
  });
  // A lead that merges it all the same delivers nothing.
  await handOverCommit(team.repository, LEAD, commit);
  await expect(withVerifiedResult(team.repository, never, async () => {})).rejects.toThrow(
    /api made changes.*\.env\.test/s,
  );
});

test('the lead cannot deliver a file either', async () => {
  const team = await makeTeam();
  await start(team, LEAD);
  await shell(team.tree(LEAD), FORCED);
  expect(await consolidate(team.repository, team.session, never)).toMatchObject({
    status: 'violation',
    agent: LEAD,
    violations: [{ path: '.env.test' }],
  });
  const commit = await shell(team.tree(LEAD), 'git rev-parse HEAD');
  await handOverCommit(team.repository, LEAD, commit);
  await expect(withVerifiedResult(team.repository, never, async () => {})).rejects.toThrow(
    /cannot be delivered.*\.env\.test/s,
  );
});

test('the rest of the work is merged and delivered', async () => {
  const team = await makeTeam();
  await start(team);
  await shell(team.tree('api'), 'echo new > src/b.txt');
  await handOverWork(team.repository, 'api');
  await start(team, LEAD);
  const commit = await mergeWork(team.repository, team.session);
  const delivered = await withVerifiedResult(
    team.repository,
    never,
    async (result) => result.commit,
  );
  expect(delivered).toBe(commit);
  expect(await shell(team.tree(LEAD), 'git diff --name-only main; cat .env.test')).toBe(
    'src/b.txt\nURL=http://localhost',
  );
});

test('each attempt has the files as the team gave them', async () => {
  const team = await makeTeam();
  await start(team);
  await shell(team.tree('api'), 'echo changed > .env.test; rm -r conf; git clean -fdxq');
  await start(team);
  expect(await shell(team.tree('api'), 'cat .env.test "conf/deep/a [b].json"; ls -A')).toBe(
    'URL=http://localhost\n{}\n.env.test\n.git\nconf\nsrc',
  );
});

test('no link of an agent is followed', async () => {
  const team = await makeTeam();
  await start(team);
  const outside = join(team.directory, 'outside');
  await mkdir(outside);
  await writeFile(join(outside, 'target'), 'mine');
  await shell(team.tree('api'), 'rm -r .env.test conf');
  // A link in a file's place is replaced, and its target stays.
  await symlink(join(outside, 'target'), join(team.tree('api'), '.env.test'));
  await symlink(outside, join(team.tree('api'), 'conf'));
  await expect(place(team)).rejects.toThrow(
    'conf/deep/a [b].json cannot be placed in the worktree (environment.files): conf/deep is not a directory',
  );
  expect(await shell(outside, 'ls; cat target')).toBe('target\nmine');
  expect(await readFile(join(team.tree('api'), '.env.test'), 'utf8')).toContain('URL');
});

test('a directory in the place of a file is an error that names it', async () => {
  const team = await makeTeam();
  await prepareWorktree(team.repository, 'api', never);
  await shell(team.tree('api'), 'mkdir .env.test; echo x > .env.test/work');
  const failure: unknown = await place(team).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(StepFailure);
  expect(failure).toMatchObject({ exitCode: EXIT.invalid });
  expect(String(failure)).toContain('.env.test cannot be placed in the worktree');
  expect(await shell(team.tree('api'), 'ls -A')).toBe('.env.test\n.git\nsrc');
});

test('a file of the repository is never replaced', async () => {
  // A retry may bring in the file after setup has checked the paths.
  const team = await makeTeam({ '.env.test': 'ours' });
  await prepareWorktree(team.repository, 'api', never);
  await expect(place(team)).rejects.toThrow('the repository has it under version control');
  expect(await readFile(join(team.tree('api'), '.env.test'), 'utf8')).toBe('ours');
});

test.each([
  ['.env.test', '.env.test', 'the repository has that file under version control'],
  ['a file', 'conf', 'the repository has conf under version control'],
  ['a directory', '.env.test/a', 'the repository has .env.test/a under version control'],
])('setup refuses a path where the repository has %s', async (_, existing, words) => {
  const place = await makePlace();
  const source = join(place.directory, 'source');
  await makeRepository(source, { [existing]: 'ours' });
  await withSettings(place);
  const spec = { ...codingSpec(source, { api: {} }), files: FILES };
  const { result, log } = await printed(() => setupCommand(withSpec(place, spec), [], never));
  expect(result).toBe(EXIT.invalid);
  expect(log).toContain(words);
});

test('setup refuses a key that the ConfigMap does not have', async () => {
  const place = await makePlace();
  const source = join(place.directory, 'source');
  await makeRepository(source, { a: '' });
  await withSettings(place);
  const files = [{ ...ENV_FILE, key: 'absent' }];
  const spec = { ...codingSpec(source, { api: {} }), files };
  const { result, log } = await printed(() => setupCommand(withSpec(place, spec), [], never));
  expect(result).toBe(EXIT.invalid);
  expect(log).toContain(
    'The ConfigMap settings has no key absent, which environment.files places at .env.test.',
  );
});
