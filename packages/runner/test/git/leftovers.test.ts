import { LEAD } from '@agentteam/contract';
import { describe, expect, test } from '@jest/globals';
import { describeLeftOut } from '../../src/git/leftovers/left-out.ts';
import { consolidate } from '../../src/git/merge/consolidate.ts';
import { consolidateWithLead } from '../../src/git/merge/with-lead.ts';
import { commitLeftovers } from '../../src/git/worktree/commit-leftovers.ts';
import { shell } from '../support/shell.ts';
import { type CodingTeam, include, makeCodingTeam, never } from '../support/team.ts';
import { handOverWork } from '../support/work.ts';

const FILES = { 'src/a.txt': 'one\n' };
const AWS = 'AKIAQYLPMN5HHHFPZAM2';

/** The committed and the uncommitted files after a script in an agent's worktree. */
async function leave(team: CodingTeam, script: string, agent = 'api') {
  await shell(team.tree(agent), script);
  const { leftOut } = await commitLeftovers(team.repository, agent, 'Work', never);
  const files = await shell(team.tree(agent), 'git -c core.quotePath=false diff --name-only main');
  return {
    committed: files.split('\n').filter(Boolean),
    leftOut: Object.fromEntries(leftOut.map(({ path, reason }) => [path, reason])),
  };
}

describe('uncommitted files', () => {
  test('build output, large files and secrets are not committed, but named', async () => {
    const team = await makeCodingTeam(FILES, { api: {} });
    const { committed, leftOut } = await leave(
      team,
      `mkdir -p node_modules/p src/__pycache__ dist target deep/.aws
      echo 1 > node_modules/p/index.js; echo 1 > src/__pycache__/a.pyc; echo API_KEY=s3cret > .env
      echo API_KEY= > .env.example; head -c 3000000 /dev/zero > dist/big.bin; echo src > src/new.txt
      printf 'Signature: 8a477f597d28d172789f06886806bc55\\n' > target/CACHEDIR.TAG; echo o > target/o
      echo ${AWS} > src/keys.txt; echo x > deep/.aws/credentials; echo two > 'dist/a [b] #c.txt'`,
    );
    expect(committed).toEqual(['.env.example', 'dist/a [b] #c.txt', 'src/new.txt']);
    expect(leftOut).toEqual({
      '.env': 'it may hold secrets',
      'deep/.aws/credentials': 'it may hold secrets',
      'dist/big.bin': '2.9 MiB',
      'node_modules/': 'not part of the sources',
      'src/__pycache__/': 'not part of the sources',
      'src/keys.txt': 'a likely secret: AWS Access Key ID',
      'target/': 'a cache',
    });
    // Another call gives the same, and loses nothing.
    expect((await leave(team, 'true')).leftOut).toEqual(leftOut);
    expect(await shell(team.tree('api'), 'cat .env; ls -A')).toContain('s3cret');
  });

  test('a temporary file of a killed Claude Code is neither committed nor named', async () => {
    const team = await makeCodingTeam(FILES, { api: {} });
    const { committed, leftOut } = await leave(
      team,
      'echo half > b.txt.tmp.9060.d423c2acbe30; echo x > b.txt; echo y > c.tmp.1.txt',
    );
    expect(committed).toEqual(['b.txt', 'c.tmp.1.txt']);
    expect(leftOut).toEqual({});
  });

  test('git does not add them for the agent itself either', async () => {
    const team = await makeCodingTeam(FILES, { api: {} });
    const { committed, leftOut } = await leave(
      team,
      'mkdir node_modules; echo 1 > node_modules/x; echo x > b.txt; git add --all; git commit -qm b',
    );
    expect(committed).toEqual(['b.txt']);
    expect(leftOut).toEqual({ 'node_modules/': 'not part of the sources' });
  });

  test('a file with secrets is found in upper case, in a directory, and under a second name', async () => {
    const team = await makeCodingTeam({ ...FILES, '.gitignore': '.env.local\n' }, { api: {} });
    const { committed, leftOut } = await leave(
      team,
      `mkdir src/.env; echo TOKEN=one > .Env; echo TOKEN=two > src/.env/prod; echo TOKEN=three > .env.local
      ln .Env settings.txt; cp .env.local deploy.cfg; echo TOKEN= > .ENV.example; echo TOKEN=four > other`,
    );
    expect(committed).toEqual(['.ENV.example', 'other']);
    expect(leftOut).toEqual({
      '.Env': 'it may hold secrets',
      'src/.env/': 'it may hold secrets',
      'settings.txt': 'the same content as .Env',
      'deploy.cfg': 'the same content as .env.local',
    });
  });

  test('files that the agent has staged are treated the same', async () => {
    const team = await makeCodingTeam(FILES, { api: {} });
    const { committed, leftOut } = await leave(
      team,
      'head -c 2000000 /dev/zero > big; echo x > b.txt; git add --all',
    );
    expect(committed).toEqual(['b.txt']);
    expect(Object.keys(leftOut)).toEqual(['big']);
  });

  test('are committed although a killed git has left its locks', async () => {
    const team = await makeCodingTeam(FILES, { api: {} });
    const { committed } = await leave(
      team,
      'echo x > b.txt; D=$(git rev-parse --git-dir); touch "$D/index.lock" "$D/HEAD.lock"',
    );
    expect(committed).toEqual(['b.txt']);
  });

  test('files whose names are not UTF-8 are named, and the rest is committed', async () => {
    const team = await makeCodingTeam(FILES, { api: {} });
    const { committed, leftOut } = await leave(
      team,
      String.raw`echo 1 > $'caf\xe9.txt'; echo 2 > 'café.txt'; mkdir $'d\xe9'; echo 3 > $'d\xe9/x'`,
    );
    expect(committed).toEqual(['café.txt']);
    expect(leftOut).toEqual({
      'caf\uFFFD.txt': 'its name is not UTF-8',
      'd\uFFFD/x': 'its name is not UTF-8',
    });
  });

  test('tracked files, files that .gitignore takes back, and ignored files', async () => {
    const team = await makeCodingTeam(
      { 'node_modules/kept.js': '1\n', '.gitignore': '!vendor/**/*.o\nlogs/\n', 'vendor/a': '' },
      { api: {} },
    );
    const { committed, leftOut } = await leave(
      team,
      'mkdir logs; echo 2 > node_modules/kept.js; echo 1 > vendor/x.o; echo 1 > y.o; echo 1 > logs/x',
    );
    expect(committed).toEqual(['node_modules/kept.js', 'vendor/x.o']);
    expect(leftOut).toEqual({ 'y.o': 'not part of the sources' });
  });

  test("the team's own patterns and size limit override the defaults", async () => {
    const leftovers = { ignore: ['!.env', 'tmp/'], maxFileSize: 10 };
    const team = await makeCodingTeam(FILES, { api: {} }, { leftovers });
    const { committed, leftOut } = await leave(
      team,
      'mkdir tmp; echo x > tmp/x; echo A=1 > .env; echo 12345678901 > long.txt',
    );
    expect(committed).toEqual(['.env']);
    expect(Object.keys(leftOut)).toEqual(['tmp/', 'long.txt']);
  });

  test('in a shared tree, only the agent’s scope counts', async () => {
    const team = await makeCodingTeam(
      FILES,
      { api: { scope: include('src/') }, web: { scope: include('web/') } },
      { worktreeStrategy: 'shared' },
    );
    await shell(
      team.tree('api'),
      'mkdir -p src/node_modules web/node_modules; touch {src,web}/node_modules/x; echo x > src/b',
    );
    const { leftOut } = await commitLeftovers(team.repository, 'api', 'Work', never);
    expect(leftOut.map(({ path }) => path)).toEqual(['src/node_modules/']);
  });
});

describe('repositories inside the worktree', () => {
  test.each([
    [
      'a separate worktree',
      'git worktree add -q .claude/worktrees/x -b variant-x; echo x > .claude/worktrees/x/f.txt',
      { '.claude/worktrees/x/': 'a git worktree on branch variant-x' },
    ],
    [
      'a worktree without a branch',
      'git worktree add -q --detach wt',
      { 'wt/': 'a git repository of its own' },
    ],
    [
      'a repository with commits',
      'git init -q lib; cd lib; echo x > x; git add x; git commit -qm x',
      { 'lib/': 'a git repository of its own' },
    ],
    [
      'a repository that was added to the index',
      'git init -q lib; cd lib; echo x > x; git add x; git commit -qm x; cd ..; git add lib',
      { 'lib/': 'a git repository of its own' },
    ],
    [
      'a broken repository',
      'git init -q lib; cd lib; echo x > x; git add x; git commit -qm x; rm -r .git/objects/*',
      { 'lib/': 'a git repository of its own' },
    ],
    [
      'a repository without commits, whose files are committed',
      'git init -q new; echo x > new/x',
      {},
    ],
  ])('%s', async (_, script, expected) => {
    const team = await makeCodingTeam(FILES, { api: {} });
    const { committed, leftOut } = await leave(team, `echo y > y.txt; ${script}`);
    expect(leftOut).toEqual(expected);
    expect(committed.at(-1)).toBe('y.txt');
    expect(committed.filter((path) => path.startsWith('lib'))).toEqual([]);
  });

  test('in the lead’s worktree are no obstacle', async () => {
    const team = await makeCodingTeam(FILES, { api: {} });
    await shell(team.tree('api'), 'mkdir lib; echo api > lib/x');
    await handOverWork(team.repository, 'api');
    await shell(
      team.tree(LEAD),
      'git worktree add -q wt -b v; git init -q lib2; cd lib2; touch x; git add x; git commit -qm x',
    );
    const outcome = await consolidate(team.repository, team.session, never);
    expect(outcome).toMatchObject({
      status: 'merged',
      leftOut: [{ path: 'lib2/' }, { path: 'wt/' }],
    });
    expect(await shell(team.tree(LEAD), 'cat lib/x; ls -d wt lib2')).toBe('api\nlib2\nwt');
  });
});

test('files that a teammate committed on purpose stay, whatever the lead leaves', async () => {
  const team = await makeCodingTeam(FILES, { api: {}, web: {} });
  await shell(
    team.tree('api'),
    'head -c 2000000 /dev/zero > big; echo A=1 > .env; git add -f .env big; git commit -qm big; echo api > src/a.txt',
  );
  await shell(team.tree('web'), 'echo web > src/a.txt');
  // The second one conflicts, and adds the large file.
  for (const name of ['web', 'api']) await handOverWork(team.repository, name);
  const lead = team.tree(LEAD);
  const outcome = await consolidateWithLead(
    team.repository,
    team.session,
    async () => {
      await shell(lead, 'echo both > src/a.txt; mkdir -p node_modules; touch node_modules/x');
      await shell(lead, 'head -c 2000000 /dev/zero > huge; git worktree add -q wt -b v || true');
    },
    never,
  );
  expect(await shell(lead, `git ls-tree -r --name-only ${outcome.commit}`)).toBe(
    '.env\nbig\nsrc/a.txt',
  );
  expect(outcome.leftOut.map(({ path }) => path)).toEqual(['node_modules/', 'huge', 'wt/']);
});

test('the description is one sentence', () => {
  const many = Array.from({ length: 30 }, (_, index) => ({ path: `f${index}`, reason: 'a cache' }));
  expect(
    describeLeftOut('api', [{ path: '.env', reason: 'it may hold secrets' }, ...many]),
  ).toMatch(
    /^These files in the worktree of api were not committed: \.env \(it may hold secrets\); f0, .* f18 \(a cache\); and 11 more\.$/,
  );
});
