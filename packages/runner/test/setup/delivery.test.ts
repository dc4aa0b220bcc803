import { chmod, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ENV, type SetupSpec } from '@agentteam/contract';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { setupCommand } from '../../src/setup/command.ts';
import { exists } from '../../src/step/exists.ts';
import { type Remote, serveRemote, TOKEN } from '../deliver/support/delivery.ts';
import { serveGit } from '../support/git-http-server.ts';
import { type GitHubServer, serveGitHub } from '../support/github-server.ts';
import { type GitLabServer, serveGitLab } from '../support/gitlab-server.ts';
import { printed } from '../support/printed.ts';
import { mountSecret } from '../support/secret.ts';
import { makeRepository, shell, temporaryDirectory } from '../support/shell.ts';
import { codingSpec, makePlace, never, withSpec } from '../support/team.ts';

const RESULT = 'teams/auth';
type Delivery = NonNullable<SetupSpec['delivery']>;

/** Sets up a team that will deliver. @returns the exit code and the output. */
async function setUp(
  url: string,
  delivery: Delivery = { onComplete: 'push-branch' },
  {
    env = {},
    secrets = {},
    required = [],
    branch = 'main',
  }: {
    env?: NodeJS.ProcessEnv;
    secrets?: Readonly<Record<string, Readonly<Record<string, string>>>>;
    required?: SetupSpec['required'];
    /** Empty for the remote's default branch. */
    branch?: string;
  } = {},
) {
  const place = await makePlace();
  for (const [name, entries] of Object.entries(secrets)) await mountSecret(place, name, entries);
  const { repository, ...spec } = codingSpec(url, { api: {} });
  const { branch: _, ...rest } = repository;
  const whole = {
    ...spec,
    repository: branch === '' ? rest : { ...rest, branch },
    delivery,
    required,
  };
  const all = { PATH: process.env['PATH'], ...withSpec(place, whole), ...env };
  return { ...(await printed(() => setupCommand(all, [], never))), place };
}

/** A bare repository with a commit on `main`. */
async function bare(script = 'true', files: Readonly<Record<string, string>> = { 'a.txt': '1\n' }) {
  const directory = await temporaryDirectory();
  await makeRepository(join(directory, 'source'), files);
  await shell(directory, 'git clone --quiet --bare source remote.git');
  await shell(join(directory, 'remote.git'), script);
  return join(directory, 'remote.git');
}

describe('the result branch', () => {
  test.each([
    [
      'git branch teams',
      'has a branch teams, and git cannot store the branch teams/auth beside it',
    ],
    [`git branch ${RESULT}/x`, 'has a branch teams/auth/x'],
  ])('%s', async (script, expected) => {
    const { result, log } = await setUp(await bare(script));
    expect({ result, log }).toMatchObject({ result: 64 });
    expect(log).toContain(expected);
    expect(log).toContain('lifecycle.consolidatedBranchTemplate');
    expect(log).not.toContain('hint:');
  });

  test('is refused in a local repository whose links lead a push elsewhere', async () => {
    const links = 'mkdir -p logs/refs/heads; ln -s "$PWD/.." logs/refs/heads/teams';
    const { result, log } = await setUp(await bare(links));
    expect({ result, log }).toMatchObject({ result: 68 });
    expect(log).toContain('logs/refs/heads/teams is a link');
  });

  test('of an earlier run may be replaced, but not with other people’s commits', async () => {
    const commit = (email: string) =>
      `git branch ${RESULT} $(GIT_COMMITTER_EMAIL=${email} git commit-tree -p main -m x main^{tree})`;
    const own = await setUp(await bare(commit('api@auth.dev.agentteam.invalid')));
    expect(own).toMatchObject({ result: 0 });
    const others = await setUp(await bare(commit('person@example.com')));
    expect(others).toMatchObject({ result: 68 });
    expect(others.log).toContain('has commits that are not from this team');
  });

  test('the target of a pull request defaults to the start branch, and must exist', async () => {
    const target = (targetBranch?: string): Delivery => ({
      onComplete: 'create-pr',
      pullRequest: {
        title: 'x',
        reviewers: [],
        labels: [],
        ...(targetBranch && { targetBranch }),
      },
    });
    const missing = await setUp(await bare(), target('nowhere'));
    expect(missing).toMatchObject({ result: 64 });
    expect(missing.log).toContain('no branch nowhere, the target of the pull request');
    const same = await setUp(await bare(`git branch -m ${RESULT}`), target(), { branch: RESULT });
    expect(same.log).toContain(`A pull request from ${RESULT} to itself is not possible`);
  });
});

test('the work starts from the remote’s default branch', async () => {
  const { result, place } = await setUp(await bare('git branch -m develop'), undefined, {
    branch: '',
  });
  expect(result).toBe(0);
  expect(await shell(place.volume, 'cat state/repository.json')).toContain('"branch": "develop"');
  const other = await setUp(await bare('git branch -m develop'));
  expect(other).toMatchObject({ result: 64 });
  expect(other.log).toContain(
    'no branch main; correct repository.branch. Its branches are develop.',
  );
});

describe('a repository on this machine', () => {
  const work = async (script: string) => {
    const directory = join(await temporaryDirectory(), 'mine');
    await makeRepository(directory, { 'a.txt': '1\n' });
    await shell(directory, script);
    return directory;
  };
  test.each([
    [`git checkout -q -b ${RESULT}`, 64],
    [`git branch ${RESULT}; git worktree add -q ../other ${RESULT}`, 64],
    [`git checkout -q -b ${RESULT}; git config receive.denyCurrentBranch updateInstead`, 64],
    ['true', 0],
  ])('%s', async (script, code) => {
    const { result, log } = await setUp(await work(script));
    expect({ result, log }).toMatchObject({ result: code });
    if (code !== 0) expect(log).toContain(`The branch ${RESULT} is checked out in `);
  });

  test('runs none of its filters', async () => {
    const mark = join(await temporaryDirectory(), 'mark');
    const directory = await work(
      `echo '*.txt filter=x' > .gitattributes; git add .; git commit -qm x; git checkout -q -b ${RESULT}; git config receive.denyCurrentBranch updateInstead`,
    );
    await shell(directory, `git config filter.x.clean 'touch "${mark}"; cat'; echo 2 > a.txt`);
    await setUp(directory);
    expect(await exists(mark)).toBe(false);
  });

  test('may be a shallow clone', async () => {
    const deep = await bare(
      'for n in 1 2 3; do git update-ref refs/heads/main $(git commit-tree -p main -m $n main^{tree}); done',
    );
    const shallow = join(await temporaryDirectory(), 'shallow');
    await shell('/', `git clone -q --depth 1 "file://${deep}" "${shallow}"`);
    expect(await setUp(shallow)).toMatchObject({ result: 0 });
  });

  test('may be a worktree of a repository', async () => {
    const main = await work('git worktree add -q ../other -b feature/x');
    const directory = join(dirname(main), 'other');
    expect(await setUp(directory, undefined, { branch: '' })).toMatchObject({ result: 0 });
    const { result, log } = await setUp(
      directory,
      { onComplete: 'push-branch' },
      { branch: 'main' },
    );
    expect({ result, log }).toMatchObject({ result: 0 });
    await shell(main, `git checkout -q -b ${RESULT}`);
    const taken = await setUp(directory);
    expect(taken.log).toContain(`The branch ${RESULT} is checked out in ${main}`);
  });

  test('may not have paths with a backslash', async () => {
    const { result, log } = await setUp(await work("touch 'a\\b'; git add -A; git commit -qm b"));
    expect({ result, log }).toMatchObject({ result: 64 });
    expect(log).toContain('"a\\\\b"');
  });

  test.each(['../lib', '/srv/lib', './lib'])('with a submodule at %s', async (address) => {
    const { result, log } = await setUp(
      await work(
        `git config -f .gitmodules submodule.lib.path lib; git config -f .gitmodules submodule.lib.url ${address}; git update-index --add --cacheinfo 160000,$(git rev-parse HEAD),lib; git add .gitmodules; git commit -qm lib`,
      ),
    );
    expect({ result, log }).toMatchObject({ result: 64 });
    expect(log).toContain(`The submodule lib has the local path ${address}, which is not allowed`);
  });

  test('may not have a branch that blocks the agents’ branches', async () => {
    const { log, result } = await setUp(await bare('git branch -m agents'), undefined, {
      branch: 'agents',
    });
    expect(result).toBe(64);
    expect(log).toContain('repository.branch');
  });
});

describe('permission to push', () => {
  test('is checked at the host, with the credential for pushing', async () => {
    const directory = await temporaryDirectory();
    await mkdir(join(directory, 'acme'));
    await makeRepository(join(directory, 'source'), { 'a.txt': '1\n' });
    await shell(directory, 'git clone --quiet --bare source acme/backend.git');
    const git = await serveGit(directory, `x-access-token:${TOKEN}`);
    const url = `${git.url}/acme/backend.git`;
    const secrets = { git: { token: TOKEN } };
    expect(await setUp(url, undefined, { secrets })).toMatchObject({ result: 0 });
    const wrong = await setUp(url, undefined, { secrets: { ...secrets, push: { token: 'no' } } });
    expect(wrong).toMatchObject({ result: 68 });
    expect(wrong.log).toContain('lifecycle.gitCredentialsSecret');
    await git.close();
  });

  test('is checked for a local directory', async () => {
    if (process.getuid?.() === 0) return;
    const remote = await bare();
    await chmod(join(remote, 'refs'), 0o555);
    expect((await setUp(remote)).log).toContain('is not writable');
  });
});

describe('a pull request on GitHub', () => {
  let remote: Remote;
  let gitHub: GitHubServer;
  beforeEach(async () => {
    remote = await serveRemote();
    gitHub = await serveGitHub('acme/backend', TOKEN);
  });
  afterEach(async () => {
    await remote.git.close();
    await gitHub.close();
  });

  const forecast = (pullRequest: Partial<Delivery['pullRequest']> = {}, hosting = TOKEN) =>
    setUp(
      `${remote.git.url}/acme/backend.git`,
      {
        onComplete: 'create-pr',
        pullRequest: { title: 'x', reviewers: ['ada'], labels: ['agents'], ...pullRequest },
      },
      {
        env: { [ENV.hostingUrl]: gitHub.url },
        secrets: { git: { token: TOKEN }, hosting: { token: hosting } },
      },
    );

  test('is checked without changing anything', async () => {
    expect(await forecast()).toMatchObject({ result: 0 });
    expect(gitHub.pulls).toEqual([]);
    expect(await shell(remote.bare, 'git branch --list')).toBe('* main');
  });

  test.each<[string, (server: GitHubServer) => void, string]>([
    ['archived', ({ about }) => Object.assign(about, { archived: true }), 'archived on GitHub'],
    [
      'a token that only reads',
      ({ about }) => Object.assign(about, { permissions: { pull: true, push: false } }),
      'can read acme/backend but not write',
    ],
    [
      'a token without the scope',
      ({ about }) => Object.assign(about, { scopes: 'gist' }),
      'scope `repo`',
    ],
    [
      'a rule against new branches',
      ({ about }) => Object.assign(about, { rules: [{ type: 'creation', ruleset_id: 1 }] }),
      'protects the branch teams/auth: the branch may not be created',
    ],
    [
      'a rule for signed commits',
      ({ about }) =>
        Object.assign(about, { rules: [{ type: 'required_signatures', ruleset_id: 1 }] }),
      'must be signed',
    ],
    [
      'a token that may not open pull requests',
      (server) => {
        const answer = { status: 403, body: { message: 'Resource not accessible' } };
        server.refused = (path) => (path.endsWith('/pulls') ? answer : undefined);
      },
      'may not open pull requests',
    ],
    [
      'a repository that the token does not see',
      (server) => {
        const answer = { status: 404, body: { message: 'Not Found' } };
        server.refused = (path) => (path.endsWith('/backend') ? answer : undefined);
      },
      'no repository acme/backend',
    ],
  ])('%s is refused before an agent starts', async (_, change, expected) => {
    change(gitHub);
    const { result, log } = await forecast();
    expect({ result, log }).toMatchObject({ result: 68 });
    expect(log).toContain(expected);
  });

  test('rules that the token can bypass, and unknown answers, do not stop the start', async () => {
    Object.assign(gitHub.about, { rules: [{ type: 'creation', ruleset_id: 1 }], bypass: 'always' });
    gitHub.refused = (path) =>
      path.includes('/teams/') ? { status: 403, body: { message: 'no' } } : undefined;
    const { result, log } = await forecast({ reviewers: ['ada', 'acme/backend'] });
    expect({ result, log }).toMatchObject({ result: 0 });
    expect(log).toContain('whether acme/backend can review');
    await gitHub.close();
    expect(await forecast()).toMatchObject({ result: 0 });
  });

  test('is refused with an invalid reviewer or a refused token', async () => {
    expect((await forecast({ reviewers: ['ghost'] })).log).toContain('ghost cannot review');
    expect((await forecast({}, 'wrong')).log).toContain('does not accept the `token`');
  });

  test('is refused for a protected branch, even if the branch is only pushed', async () => {
    await shell(
      remote.bare,
      `git branch ${RESULT} $(GIT_COMMITTER_EMAIL=api@auth.dev.agentteam.invalid git commit-tree -p main -m x main^{tree})`,
    );
    Object.assign(gitHub.about, { protection: { [RESULT]: { restrictions: {} } } });
    expect((await forecast()).log).toContain(`The branch ${RESULT} is protected on GitHub`);
    const pushed = await setUp(`${remote.git.url}/acme/backend.git`, undefined, {
      env: { [ENV.hostingUrl]: gitHub.url },
      secrets: { git: { token: TOKEN } },
    });
    expect(pushed).toMatchObject({ result: 68 });
  });
});

describe('a merge request on GitLab', () => {
  let remote: Remote;
  let gitLab: GitLabServer;
  beforeEach(async () => {
    remote = await serveRemote();
    gitLab = await serveGitLab('acme/backend', TOKEN);
  });
  afterEach(async () => {
    await remote.git.close();
    await gitLab.close();
  });

  test.each<[string, Partial<GitLabServer['about']>, string | undefined]>([
    ['is accepted', {}, undefined],
    ['is refused in an archived project', { archived: true }, 'archived on GitLab'],
    ['is refused for a reporter', { level: 20 }, 'needs at least the role Developer'],
    [
      'is refused if merge requests are disabled',
      { requests: 'disabled' },
      'Merge requests are disabled',
    ],
    [
      'is refused with a read-only token',
      { scopes: ['read_api'] },
      'scope `api`; it only has read_api',
    ],
    [
      'is refused for a branch that would be protected',
      { protection: { 'teams/*': 40 } },
      'is protected on GitLab',
    ],
    [
      'is accepted for a branch that this access level may push to',
      { protection: { 'teams/*': 30 } },
      undefined,
    ],
  ])('%s', async (_, about, expected) => {
    Object.assign(gitLab.about, about);
    const { result, log } = await setUp(
      `${remote.git.url}/acme/backend.git`,
      {
        onComplete: 'create-pr',
        pullRequest: { title: 'x', reviewers: ['ada'], labels: [] },
      },
      { env: { [ENV.hostingUrl]: gitLab.url }, secrets: { git: { token: TOKEN } } },
    );
    expect({ result, log }).toMatchObject({ result: expected === undefined ? 0 : 68 });
    if (expected !== undefined) expect(log).toContain(expected);
  });

  test('is refused with an unknown reviewer', async () => {
    const { log } = await setUp(
      `${remote.git.url}/acme/backend.git`,
      {
        onComplete: 'create-pr',
        pullRequest: { title: 'x', reviewers: ['ghost'], labels: ['a,b'] },
      },
      { env: { [ENV.hostingUrl]: gitLab.url }, secrets: { git: { token: TOKEN } } },
    );
    expect(log).toContain('has no user ghost');
    expect(log).toContain('no comma in a label');
  });
});

test('a retry with another branch clones again', async () => {
  const remote = await bare('git branch next $(git commit-tree -p main -m next main^{tree})');
  const place = await makePlace();
  const { repository, ...rest } = codingSpec(remote, { api: {} });
  const specOf = (branch: string, required: SetupSpec['required']) => ({
    ...{ ...rest, repository: { ...repository, branch } },
    ...(required && { required }),
  });
  const run = (spec: object) =>
    printed(() => setupCommand({ PATH: process.env['PATH'], ...withSpec(place, spec) }, [], never));
  expect(await run(specOf('main', ['test']))).toMatchObject({ result: 64 });
  expect(await run(specOf('next', undefined))).toMatchObject({ result: 0 });
  const trees = join(place.volume, 'repository/trees/api');
  expect(await shell(trees, 'git log -1 --format=%s')).toBe('next');
});

describe('required checks', () => {
  const required = ['test'] as const;
  test('are printed before an agent starts, including those of workspace packages', async () => {
    const remote = await bare('true', {
      'package.json': '{"workspaces":["packages/*"]}',
      'packages/a/package.json': '{"scripts":{"test":"x"}}',
      'packages/b/package.json': '{"scripts":{"test":"x"}}',
    });
    const { result, log } = await setUp(remote, undefined, { required });
    expect({ result, log }).toMatchObject({ result: 0 });
    expect(log).toContain('npm run test (packages/b/package.json scripts.test)');
  });

  test('without a command are refused, and the message names the field', async () => {
    const { result, log } = await setUp(await bare(), undefined, { required });
    expect(result).toBe(64);
    expect(log).toContain('Set qualityGates.testCommand');
  });

  test('whose program is not installed are refused', async () => {
    const remote = await bare('true', { 'pom.xml': '<project/>' });
    const { result, log } = await setUp(remote, undefined, {
      required,
      env: { PATH: await onlyGit() },
    });
    expect({ result, log }).toMatchObject({ result: 64 });
    expect(log).toContain('the program mvn of its command');
  });
});

/** A PATH directory without any program that runs tests. */
async function onlyGit(): Promise<string> {
  return temporaryDirectory();
}
