import { join } from 'node:path';
import { isGitPath } from '@agentteam/volume';
import { describe, expect, test } from '@jest/globals';
import { consolidate } from '../../src/git/merge/consolidate.ts';
import { openRepository, treeOf } from '../../src/git/repository.ts';
import { inScope, staysInTree } from '../../src/git/scope/rules.ts';
import { prepareWorktree } from '../../src/git/worktree/prepare.ts';
import { setupCommand } from '../../src/setup/command.ts';
import { serveGit } from '../support/git-http-server.ts';
import { printed } from '../support/printed.ts';
import { makeRepository, shell, temporaryDirectory } from '../support/shell.ts';
import {
  codingSpec,
  include,
  makeCodingTeam,
  makePlace,
  never,
  type TeammateOptions,
  withSpec,
} from '../support/team.ts';
import { handOverCommit, handOverWork, violationsOf } from '../support/work.ts';

describe('the rules of a scope', () => {
  test.each([
    ['src/api/', 'src/api/x.ts', true],
    ['src/api/', 'src/api', false],
    ['src/api/', 'src/apis/x.ts', false],
    ['src/api', 'src/api/x.ts', true],
    ['src/api', 'src/api', true],
    ['src/api', 'src/api.ts', false],
    ['src/x.ts', 'src/x.ts', true],
    ['src/x.ts', 'src/x.ts.bak', false],
    ['./src/', 'src/x.ts', true],
    ['/src/', 'src/x.ts', true],
    ['src//api/', 'src/api/x', true],
    ['src/api/', 'SRC/api/x', false],
    ['.', 'anything', true],
    ['*.ts', 'x.ts', false],
  ])('including %s: %s is %s', (rule, path, allowed) => {
    expect(inScope(path, include(rule))).toBe(allowed);
  });

  test.each([
    ['secret/', 'secret/x', false],
    ['secret/', 'Secret/x', false],
    ['secret/', 's\u200cecret/x', false],
    ['caf\u00e9/', 'cafe\u0301/x', false],
    ['secret/', 'open/x', true],
  ])('excluding %s: %s is %s', (rule, path, allowed) => {
    expect(inScope(path, { includePaths: [], excludePaths: [rule] })).toBe(allowed);
  });

  test.each([
    '.git/hooks/x',
    'a/.GIT/config',
    '.git./x',
    '.git /x',
    'git~1/x',
    '.g\u200cit/x',
    '../x',
    'a//b',
    'a\\..\\.git',
    '.git::$INDEX_ALLOCATION/x',
    '.git. :x',
  ])('%j counts as a path of git', (path) => expect(isGitPath(path)).toBe(true));
  test.each(['.gitignore', '.github/x', 'a/.gitattributes', 'git/x', 'a.git/x'])(
    '%j is an ordinary path',
    (path) => expect(isGitPath(path)).toBe(false),
  );
  test('a name of a megabyte, which git allows, is compared at once', () => {
    const spaces = ' '.repeat(1 << 20);
    // With the square of the length, this would take hours.
    expect(isGitPath(`.git${spaces}`)).toBe(true);
    expect(isGitPath(`a${spaces}b`)).toBe(false);
  });

  test.each([
    ['src/l', '../README', true],
    ['src/l', 'a/b', true],
    ['l', '../x', false],
    ['src/l', '../../x', false],
    ['l', '/etc/passwd', false],
    ['src/l', 'dir/../../../x', false],
    ['l', '.git/config', false],
    ['src/l', '../.git', false],
    ['src/l', '..', true],
  ])('a link %s to %s stays in the tree: %s', (link, target, stays) => {
    expect(staysInTree(link, target)).toBe(stays);
  });
});

const BASE = {
  'src/api/a.txt': 'one\ntwo\nthree\nfour\n',
  'src/web/b.txt': 'one\n',
  'lib/c.txt': 'c\n',
};

async function strayPaths(
  script: string,
  options: TeammateOptions = { scope: include('src/api/') },
) {
  const team = await makeCodingTeam(BASE, { api: options });
  await shell(team.tree('api'), script);
  await handOverWork(team.repository, 'api', 'work');
  const violations = await violationsOf(team.repository, 'api');
  // The merge finds the same violations as the check of the branch.
  const merged = await consolidate(team.repository, team.session, never);
  expect(merged.status).toBe(violations.length > 0 ? 'violation' : 'merged');
  if (violations.length > 0) {
    const result = await shell(team.own('team-lead'), 'git diff --name-only main teams/auth');
    expect(result).toBe('');
  }
  return violations.map(({ path }) => path);
}

describe('allowed changes of a branch', () => {
  test.each([
    ['a change inside the scope', 'echo x > src/api/a.txt; echo y > src/api/new.txt', []],
    ['a change outside', 'echo x > src/web/b.txt; echo x > src/api/a.txt', ['src/web/b.txt']],
    ['a new file outside', 'echo x > new.txt', ['new.txt']],
    ['a deleted file outside', 'rm lib/c.txt', ['lib/c.txt']],
    ['a rename out of the scope', 'git mv src/api/a.txt src/web/a.txt', ['src/web/a.txt']],
    ['a rename into the scope', 'git mv lib/c.txt src/api/c.txt', ['lib/c.txt']],
    ['a path in a different case', 'mkdir -p SRC/api; echo x > SRC/api/x', ['SRC/api/x']],
    ['a file mode', 'chmod +x lib/c.txt', ['lib/c.txt']],
    [
      'an undone change',
      'echo x > lib/c.txt; git commit -qam 1; git checkout -q HEAD~1 lib/c.txt; git commit -qm 2',
      [],
    ],
    [
      'a change hidden in a merge',
      'git checkout -q -b other; git commit -q --allow-empty -m o; git checkout -q -; git merge -q --no-commit --no-ff other; echo x > lib/c.txt; git add -A; git commit -qm m',
      ['lib/c.txt'],
    ],
    [
      'work on another branch',
      'git checkout -q -b mine; echo x > lib/c.txt; git commit -qam x',
      ['lib/c.txt'],
    ],
    [
      'work with a detached HEAD',
      'git checkout -q --detach; echo x > lib/c.txt; git commit -qam x',
      ['lib/c.txt'],
    ],
    [
      'a link out of the tree',
      'ln -s /etc/passwd src/api/l; ln -s ../../.. src/api/m; ln -s ../../.git src/api/n',
      ['src/api/l', 'src/api/m', 'src/api/n'],
    ],
    ['a link inside the tree', 'ln -s a.txt src/api/l', []],
    [
      'a nested repository, which is not committed',
      'git init -q src/api/r; cd src/api/r; echo x > f; git add f; git commit -qm x',
      [],
    ],
    [
      'a nested repository that was committed',
      'git init -q src/api/r; cd src/api/r; echo x > f; git add f; git commit -qm x; cd -; git add src/api/r; git commit -qm r',
      ['src/api/r'],
    ],
    [
      'an empty nested repository, whose files count',
      'git init -q src/api/r; echo x > src/api/r/f',
      [],
    ],
    [
      'a submodule',
      'mkdir src/api/s; git update-index --add --cacheinfo 160000,$(git rev-parse HEAD),src/api/s; printf "[submodule \\"s\\"]\\npath = src/api/s\\nurl = https://example.com/x\\n" > .gitmodules; git add .gitmodules; git commit -qm s',
      ['.gitmodules', 'src/api/s'],
    ],
    [
      'a name with odd characters',
      'echo x > "$(printf "src/web/\\n\\ttab\\"quote é")"',
      ['src/web/\n\ttab"quote é'],
    ],
  ])('%s', async (_, script, paths) => {
    expect(await strayPaths(script)).toEqual(paths);
  });

  test('a path of git, made with plumbing commands', async () => {
    const planted =
      'blob=$(echo x | git hash-object -w --stdin); git update-index --add --cacheinfo 100644,$blob,src/api/ok; tree=$(git write-tree); sub=$(printf "100644 blob $blob\\tconfig\\n" | git mktree); root=$( (git ls-tree $tree; printf "040000 tree $sub\\t.GIT\\n") | git mktree); git update-ref HEAD $(git commit-tree $root -p HEAD -m x); git reset -q --mixed HEAD 2>/dev/null || true; git read-tree HEAD 2>/dev/null || true';
    const team = await makeCodingTeam(BASE, { api: {} });
    await shell(team.tree('api'), planted);
    const violations = await violationsOf(team.repository, 'api');
    expect(violations.map(({ path }) => path)).toContain('.GIT/config');
    // Nobody can take it over: git refuses it first.
    const commit = await shell(team.tree('api'), 'git rev-parse HEAD');
    await handOverCommit(team.repository, 'api', commit);
    await expect(consolidate(team.repository, team.session, never)).rejects.toMatchObject({
      exitCode: 68,
      message: expect.stringContaining('hasDotgit'),
    });
  });

  test('an existing submodule may only be updated without a scope', async () => {
    const served = await temporaryDirectory();
    await makeRepository(join(served, 'lib'), { 'lib.txt': 'lib\n' });
    await makeRepository(join(served, 'source'), BASE);
    await shell(
      served,
      `git clone -q --bare lib lib.git; cd source; git config -f .gitmodules submodule.lib.path src/api/lib; git config -f .gitmodules submodule.lib.url ../lib.git; git add .gitmodules; git update-index --add --cacheinfo 160000,$(git -C ../lib rev-parse HEAD),src/api/lib; git commit -qm sub; cd ..; git clone -q --bare source source.git`,
    );
    const remote = await serveGit(served);
    const place = await makePlace();
    const spec = codingSpec(`${remote.url}/source.git`, {
      api: { scope: include('src/api/') },
      free: {},
    });
    const { result } = await printed(() => setupCommand(withSpec(place, spec), [], never));
    await remote.close();
    expect(result).toBe(0);
    const repository = await openRepository(place.root, spec);
    for (const name of ['api', 'free']) {
      const tree = treeOf(repository, name);
      await shell(tree, 'cd src/api/lib; git commit -q --allow-empty -m more');
      await handOverWork(repository, name, 'Move it on');
    }
    expect(await violationsOf(repository, 'api')).toMatchObject([
      { path: 'src/api/lib', reason: expect.stringContaining('submodule') },
    ]);
    expect(await violationsOf(repository, 'free')).toEqual([]);
  });

  test('without a scope, everything is allowed except links out of the tree', async () => {
    expect(await strayPaths('echo x > lib/c.txt; ln -s /etc l', {})).toEqual(['l']);
  });

  test('the work of dependencies does not count, but undoing it does', async () => {
    const team = await makeCodingTeam(BASE, {
      api: { scope: include('src/api/') },
      web: { scope: include('src/web/') },
      tests: { scope: include('test/'), dependsOn: ['api', 'web'] },
    });
    await shell(team.tree('api'), 'echo api > src/api/a.txt');
    await shell(team.tree('web'), 'echo web > src/web/b.txt');
    for (const name of ['api', 'web']) await handOverWork(team.repository, name);
    expect(await prepareWorktree(team.repository, 'tests', never)).toMatchObject({
      conflicting: [],
    });
    const tree = team.tree('tests');
    expect(await shell(tree, 'cat src/api/a.txt src/web/b.txt')).toBe('api\nweb');
    await shell(tree, 'mkdir test; echo t > test/t.txt');
    await handOverWork(team.repository, 'tests');
    expect(await violationsOf(team.repository, 'tests')).toEqual([]);
    await shell(tree, 'git checkout --quiet main -- src/api/a.txt');
    await handOverWork(team.repository, 'tests');
    expect(await violationsOf(team.repository, 'tests')).toMatchObject([{ path: 'src/api/a.txt' }]);
  });
});
