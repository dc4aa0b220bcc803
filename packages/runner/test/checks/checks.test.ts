import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type ChecksSpec, LEAD, PATHS, VOLUME } from '@agentteam/contract';
import { describe, expect, test } from '@jest/globals';
import { runRounds } from '../../src/checks/rounds.ts';
import { consolidate } from '../../src/git/merge/consolidate.ts';
import { detectChecks } from '../../src/quality-gates/detect.ts';
import { readChecks } from '../../src/records/checks.ts';
import { runStep } from '../../src/step/failure.ts';
import { readSpec } from '../../src/step/spec.ts';
import { printed } from '../support/printed.ts';
import { shell, temporaryDirectory } from '../support/shell.ts';
import {
  type CodingTeam,
  makeCodingTeam,
  makePlace,
  mount,
  never,
  output,
  withSpec,
} from '../support/team.ts';

describe('detecting checks', () => {
  test.each<[string, Record<string, string>, string[], string[]]>([
    ['nothing', { 'README.md': '' }, [], []],
    [
      'package.json',
      { 'package.json': '{"scripts":{"test":"jest","lint":"biome"}}' },
      ['npm run test'],
      ['npm run lint'],
    ],
    [
      'the placeholder of npm init',
      { 'package.json': '{"scripts":{"test":"echo \\"Error: no test specified\\" && exit 1"}}' },
      [],
      [],
    ],
    [
      'pnpm',
      { 'package.json': '{"scripts":{"test":"x"}}', 'pnpm-lock.yaml': '' },
      ['pnpm run test'],
      [],
    ],
    [
      'yarn',
      { 'package.json': '{"scripts":{"test":"x"}}', 'yarn.lock': '' },
      ['yarn run test'],
      [],
    ],
    ['broken JSON', { 'package.json': '{' }, [], []],
    [
      'a Makefile, which covers everything',
      { Makefile: 'test: build\n\tx\nlint:\n\ty\n', 'go.mod': '' },
      ['make test'],
      ['make lint'],
    ],
    ['a variable is not a target', { Makefile: 'test := 1\nlint:=2\n' }, [], []],
    ['go', { 'go.mod': '' }, ['go test ./...'], ['go vet ./...']],
    ['golangci', { 'go.mod': '', '.golangci.yml': '' }, ['go test ./...'], ['golangci-lint run']],
    ['cargo', { 'Cargo.toml': '' }, ['cargo test'], ['cargo clippy --all-targets -- -D warnings']],
    [
      'pytest',
      { 'pyproject.toml': '[tool.pytest.ini_options]\n[tool.ruff]\n' },
      ['python3 -m pytest'],
      ['ruff check'],
    ],
    ['pyproject without tests', { 'pyproject.toml': '[project]\n' }, [], []],
    [
      'maven',
      { 'pom.xml': '<project/>', mvnw: '' },
      ['./mvnw --batch-mode --no-transfer-progress test'],
      [],
    ],
    [
      'gradle',
      { 'build.gradle.kts': '' },
      ['gradle --no-daemon --console=plain test'],
      ['gradle --no-daemon --console=plain check --exclude-task test'],
    ],
    [
      'two languages',
      { 'go.mod': '', 'package.json': '{"scripts":{"test":"x"}}' },
      ['npm run test', 'go test ./...'],
      ['go vet ./...'],
    ],
  ])('%s', async (_, files, tests, lints) => {
    const tree = await temporaryDirectory();
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(tree, path)), { recursive: true });
      await writeFile(join(tree, path), text);
    }
    const commands = async (kind: 'test' | 'lint') =>
      (await detectChecks(tree, kind)).map(({ command }) => command.join(' '));
    expect(await commands('test')).toEqual(tests);
    expect(await commands('lint')).toEqual(lints);
  });
});

/** A finished coding team, as the pod of the checks sees it. */
async function checkedTeam(files: Record<string, string>) {
  const team = await makeCodingTeam(files, { api: {} });
  await consolidate(team.repository, team.session, never);
  await mount(team.root, PATHS.session, join(team.volume, VOLUME.sessions, LEAD));
  await mount(team.root, PATHS.cache, join(team.volume, VOLUME.cache));
  return team;
}

/** The record that the pull request and the last step read. */
const record = (team: CodingTeam) => readChecks(join(team.volume, VOLUME.state));

type AskLead = (message: string) => Promise<void>;

/** Runs the step's checks. Without `askLead` a failure is final. */
function run(env: NodeJS.ProcessEnv, askLead: AskLead = async () => {}) {
  const step = (root: string) =>
    runRounds({ root, env, spec: readSpec<ChecksSpec>(env), askLead, signal: never });
  return printed(() => runStep('checks', env, step));
}

function check(team: CodingTeam, gates: Partial<ChecksSpec>, askLead?: AskLead) {
  const { spec } = team;
  const { team: name, namespace, repository, members } = spec;
  const whole = {
    team: name,
    namespace,
    repository,
    checks: [],
    validationScript: '',
    timeoutSeconds: 60,
    rounds: askLead === undefined ? 0 : 1,
    lead: { members, name: LEAD },
    ...gates,
  };
  const env = {
    PATH: process.env['PATH'],
    ...withSpec(team, whole),
    ANTHROPIC_API_KEY: 'secret-key',
  };
  return run(env, askLead);
}

describe('checks', () => {
  test('pass, print what was found, and leave the worktree unchanged', async () => {
    const team = await checkedTeam({
      Makefile: 'test:\n\techo tested > coverage.txt\n\techo x > a.txt\nlint:\n\ttrue\n',
      'a.txt': 'one\n',
    });
    const { result, log } = await check(team, {
      checks: [{ kind: 'test' }, { kind: 'lint' }],
      validationScript: '#!/bin/bash\n[[ $(cat a.txt) == x ]]',
    });
    expect({ result, log }).toMatchObject({ result: 0 });
    expect(log).toContain('test: make test (Makefile target test)');
    expect(await shell(team.tree(LEAD), 'git status --porcelain; cat a.txt')).toBe('one');
    expect((await record(team))?.split('\n')).toHaveLength(3);
    // The repository's code could replace an output file by a link, so this step writes none.
    await expect(output(team, 'checks')).rejects.toThrow('ENOENT');
  });

  test('run without the environment of the step', async () => {
    const team = await checkedTeam({ 'a.txt': 'one\n' });
    const { log } = await check(team, { validationScript: 'env\nexit 1' });
    expect(log).toContain('npm_config_cache=');
    expect(log).not.toMatch(/secret-key|AGENTTEAM_|NODE_OPTIONS/);
  });

  test('after a failure, the lead’s fix becomes part of the result', async () => {
    const team = await checkedTeam({ 'a.txt': 'one\n' });
    const messages: string[] = [];
    const { result } = await check(
      team,
      { validationScript: 'echo "want two"; grep two a.txt' },
      async (message) => {
        messages.push(message);
        await writeFile(join(team.tree(LEAD), 'a.txt'), 'two\n');
      },
    );
    expect(result).toBe(0);
    expect(messages).toHaveLength(1);
    expect(messages[0]).toContain('want two');
    expect(await shell(team.own(LEAD), 'git show teams/auth:a.txt')).toBe('two');
  });

  test('commits and branch switches by the checks do not change the result', async () => {
    const team = await checkedTeam({ 'a.txt': 'one\n' });
    const before = await shell(team.tree(LEAD), 'git rev-parse HEAD');
    const script = `grep two a.txt && exit 0
git -c user.name=t -c user.email=t@example.com commit -q --allow-empty -m here
git switch -q agents/auth/team-lead
echo junk > junk.txt; git add .
git -c user.name=t -c user.email=t@example.com commit -qm junk
printf '{"tip":"%s"}' "$(git rev-parse HEAD)" > "${team.session}/consolidation.json"
git switch -q -c elsewhere
exit 1`;
    const { result } = await check(team, { validationScript: script }, async () => {
      const tree = team.tree(LEAD);
      expect(await shell(tree, 'git rev-parse HEAD; git branch --show-current')).toBe(
        `${before}\nteams/auth`,
      );
      await writeFile(join(tree, 'a.txt'), 'two\n');
    });
    expect(result).toBe(0);
    const changed = 'git diff --name-only main teams/auth; git log --format=%an main..teams/auth';
    expect(await shell(team.own(LEAD), changed)).toBe('a.txt\nteam-lead');
  });

  test('a failure in the last round is final', async () => {
    const team = await checkedTeam({ 'a.txt': 'one\n' });
    let rounds = 0;
    const { result, log } = await check(
      team,
      { validationScript: 'exit 3', rounds: 2 },
      async () => {
        rounds += 1;
      },
    );
    expect({ result, rounds }).toEqual({ result: 76, rounds: 2 });
    expect(log).toContain('exit code 3');
    expect(await record(team)).toContain('FAILED  validation');
  });

  test('a required test that the repository does not define counts as failed', async () => {
    const team = await checkedTeam({ 'a.txt': 'one\n' });
    const { result } = await check(team, { checks: [{ kind: 'test' }] });
    expect(result).toBe(76);
    expect(await record(team)).toContain('nothing to run');
  });

  test('the error names a program that is not installed', async () => {
    const team = await checkedTeam({ 'a.txt': 'one\n' });
    const { result } = await check(team, { validationScript: '#!/no/such/shell\n' });
    expect(result).toBe(76);
    expect(await record(team)).toContain('program not found');
  });

  test('a server in the background does not block the step', async () => {
    const team = await checkedTeam({ 'a.txt': 'one\n' });
    const { result } = await check(team, { validationScript: 'sleep 1000 &\necho started' });
    expect(result).toBe(0);
  });

  test('in Cowork mode, the script runs in the output', async () => {
    const place = await makePlace();
    await mount(place.root, '/workspace/output', join(place.directory, 'output'));
    await mkdir(`${place.root}${PATHS.ownState}`, { recursive: true });
    await writeFile(join(place.directory, 'output/report.md'), 'done');
    const spec = {
      team: 'q3',
      namespace: 'dev',
      output: '/workspace/output',
      checks: [],
      timeoutSeconds: 60,
      validationScript: 'test -s report.md',
      rounds: 0,
      lead: { members: [] },
    };
    const env = { PATH: process.env['PATH'], ...withSpec(place, spec) };
    expect((await run(env)).result).toBe(0);
  });
});

test('the lead’s uncommitted files still exist after the checks', async () => {
  const team = await makeCodingTeam({ 'a.txt': 'one\n' }, { api: {} });
  await shell(
    team.tree(LEAD),
    'git init -q lib; cd lib; echo x > x; git add x; git commit -qm x; cd ..; head -c 2000000 /dev/zero > huge',
  );
  await consolidate(team.repository, team.session, never);
  await mount(team.root, PATHS.session, join(team.volume, VOLUME.sessions, LEAD));
  await mount(team.root, PATHS.cache, join(team.volume, VOLUME.cache));
  const { result, log } = await check(team, {
    checks: [{ kind: 'test', command: 'touch made-by-tests' }],
  });
  expect({ result, log }).toMatchObject({ result: 0 });
  expect(await shell(team.tree(LEAD), 'ls; git status --porcelain')).toBe('a.txt\nhuge\nlib');
});

describe('detected checks', () => {
  const detected = async (files: Readonly<Record<string, string>>) => {
    const tree = await temporaryDirectory();
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(tree, path)), { recursive: true });
      await writeFile(join(tree, path), text);
    }
    return (await detectChecks(tree, 'test')).map(
      ({ directory = '', command }) => `${directory}: ${command.join(' ')}`,
    );
  };

  test('are those of each project below the root, without dependencies and examples, if the root has none', async () => {
    const script = '{"scripts":{"test":"x"}}';
    expect(
      await detected({
        'package.json': '{"workspaces":["packages/*"]}',
        'pnpm-lock.yaml': '',
        'packages/a/package.json': script,
        'packages/a/examples/x/package.json': script,
        'packages/b/package.json': '{}',
        'node_modules/c/package.json': script,
        'backend/go.mod': '',
        'backend/deep/go.mod': '',
      }),
    ).toEqual(['backend: go test ./...', 'packages/a: pnpm run test']);
  });

  test('are only those of the root, if it has any', async () => {
    const script = '{"scripts":{"test":"x"}}';
    expect(await detected({ 'package.json': script, 'backend/go.mod': '' })).toEqual([
      ': npm run test',
    ]);
  });

  test('are replaced by the command in the team’s spec', async () => {
    const team = await checkedTeam({ Makefile: 'test:\n\tfalse\n', 'sub/a.txt': 'one\n' });
    const { result, log } = await check(team, {
      checks: [{ kind: 'test', command: 'cd sub && grep -q one a.txt' }],
    });
    expect({ result, log }).toMatchObject({ result: 0 });
    expect(log).toContain('test: cd sub && grep -q one a.txt (qualityGates.testCommand)');
  });

  test('are stopped at their timeout, with everything that they started', async () => {
    const team = await checkedTeam({ 'a.txt': 'one\n' });
    const { result, log } = await check(team, {
      checks: [{ kind: 'test', command: 'echo started; sleep 1000 & wait' }],
      timeoutSeconds: 1,
    });
    expect(result).toBe(76);
    expect(log).toMatch(/started[\s\S]*FAILED: stopped after 1 s/);
  });
});
