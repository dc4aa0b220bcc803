import { spawn } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EXIT, PATHS, type SetupSpec } from '@agentteam/contract';
import { listTasks, readRoster } from '@agentteam/volume';
import { describe, expect, test } from '@jest/globals';
import { setupCommand } from '../../src/setup/command.ts';
import { subjectOf } from '../../src/setup/tasks.ts';
import { printed } from '../support/printed.ts';
import { makeRepository, shell } from '../support/shell.ts';
import {
  codingSpec,
  makeCodingTeam,
  makePlace,
  never,
  type Place,
  withSpec,
} from '../support/team.ts';

function nativeTeam(place: Place, team: string) {
  return { team, teams: join(place.volume, 'teams'), tasks: join(place.volume, 'tasks') };
}

describe('setup', () => {
  test('of a team without a repository writes the roster, tasks and directories', async () => {
    const place = await makePlace();
    const member = (name: string, role: 'lead' | 'teammate', dependsOn: string[] = []) => {
      const prompt = `\n  Write   the ${name} part.\nAnd more.`;
      return { name, role, model: 'opus', prompt, dependsOn, cwd: PATHS.work };
    };
    const spec: SetupSpec = {
      team: 'q3',
      namespace: 'dev',
      // The lead is first wherever the spec lists it, and tasks come after their dependencies.
      members: [
        member('mailer', 'teammate', ['research']),
        member('team-lead', 'lead'),
        member('research', 'teammate'),
      ],
    };
    expect(await setupCommand(withSpec(place, spec), [], never)).toBe(0);
    const roster = await readRoster(nativeTeam(place, 'q3'));
    expect(roster).toMatchObject({ name: 'q3', leadAgentId: 'team-lead@q3' });
    expect(roster?.members.map(({ name, isActive, cwd }) => ({ name, isActive, cwd }))).toEqual([
      { name: 'team-lead', isActive: undefined, cwd: join(place.volume, 'work/team-lead') },
      { name: 'mailer', isActive: false, cwd: join(place.volume, 'work/mailer') },
      { name: 'research', isActive: false, cwd: join(place.volume, 'work/research') },
    ]);
    expect(await listTasks(nativeTeam(place, 'q3'))).toMatchObject([
      { id: '1', owner: 'research', status: 'pending', blocks: ['2'], blockedBy: [] },
      { id: '2', owner: 'mailer', subject: 'Write the mailer part.', blocks: [], blockedBy: ['1'] },
    ]);
    expect(
      await shell(place.volume, 'ls -d sessions/*/projects state/*/ work/* | sed s,/$,,'),
    ).toBe(
      ['sessions', 'state', 'work']
        .flatMap((top) =>
          ['mailer', 'research', 'team-lead'].map((name) =>
            top === 'sessions' ? `${top}/${name}/projects` : `${top}/${name}`,
          ),
        )
        .join('\n'),
    );
  });

  test('repositories and worktrees work wherever the claim is mounted', async () => {
    const team = await makeCodingTeam({ 'a.txt': 'one\n' }, { api: {} });
    const elsewhere = join(team.directory, 'elsewhere');
    await shell(team.directory, `cp -a "${join(team.volume, 'repository')}" "${elsewhere}"`);
    await shell(team.directory, `mv "${team.volume}" "${team.volume}.gone"`);
    const tree = join(elsewhere, 'trees/api');
    await shell(tree, 'echo two > a.txt && git commit --quiet -am two');
    expect(await shell(tree, 'git log --format=%s; git branch --show-current')).toBe(
      'two\nThe beginning\nagents/auth/api',
    );
  });

  test('gives the same result when it is killed at any time and run again', async () => {
    const place = await makePlace();
    const source = join(place.directory, 'source');
    await makeRepository(source, { 'src/a.txt': 'one\n', 'b.txt': 'two\n' });
    const spec = codingSpec(source, { api: {}, tests: { dependsOn: ['api'] }, docs: {} });
    const program = fileURLToPath(new URL('../support/setup-process.ts', import.meta.url));
    const began = Date.now();
    await run(program, withSpec(await makePlace(), spec));
    const whole = Date.now() - began;
    for (let kill = 1; kill <= 12; kill += 1) {
      await run(program, withSpec(place, spec), (whole * kill) / 12);
      // The lock of a killed setup expires after 10 s. The test does not wait for that.
      await rm(join(place.volume, 'state/set-up.json.lock'), { recursive: true, force: true });
    }
    expect(await run(program, withSpec(place, spec))).toBe(0);
    // Once more, when everything is done.
    expect(await run(program, withSpec(place, spec))).toBe(0);

    const repository = join(place.volume, 'repository');
    expect(await shell(repository, 'ls -A')).toBe('base.git\nown\nready\ntrees');
    expect(
      await shell(
        repository,
        'git -C base.git fsck --strict 2>&1; for own in own/*; do git -C "$own" fsck --strict 2>&1; done',
      ),
    ).toBe('');
    for (const name of ['team-lead', 'api', 'tests', 'docs']) {
      const tree = join(repository, 'trees', name);
      const looks = await shell(tree, 'git status --porcelain; git branch --show-current; ls');
      expect(looks).toBe(`agents/auth/${name}\nb.txt\nsrc`);
    }
    const native = nativeTeam(place, 'auth');
    expect((await readRoster(native))?.members.map(({ name }) => name)).toEqual([
      'team-lead',
      'api',
      'tests',
      'docs',
    ]);
    const tasks = await listTasks(native);
    expect(tasks.map(({ owner }) => owner)).toEqual(['api', 'tests', 'docs']);
    const [api, tests] = tasks;
    expect(api?.blocks).toEqual([tests?.id]);
    expect(tests?.blockedBy).toEqual([api?.id]);
  });

  test('in several pods is done by one of them, while the others wait', async () => {
    const place = await makePlace();
    const source = join(place.directory, 'source');
    await makeRepository(source, { 'a.txt': 'one\n' });
    const spec = codingSpec(source, { api: {}, docs: {} });
    const program = fileURLToPath(new URL('../support/setup-process.ts', import.meta.url));
    const pod = async () => {
      const code = await run(program, withSpec(place, spec));
      const tasks = await listTasks(nativeTeam(place, 'auth'));
      const owners = tasks.map(({ owner }) => owner);
      return { code, owners, trees: await shell(place.volume, 'ls repository/ready') };
    };
    const done = { code: 0, owners: ['api', 'docs'], trees: 'api\ndocs\nteam-lead' };
    expect(await Promise.all([pod(), pod(), pod(), pod()])).toEqual([done, done, done, done]);
    expect(await shell(place.volume, 'git -C repository/base.git fsck --strict 2>&1')).toBe('');
  });

  test('refuses an empty spec', async () => {
    expect(await setupCommand({}, [], never)).toBe(64);
  });

  test('refuses an invalid branch name', async () => {
    const place = await makePlace();
    const source = join(place.directory, 'source');
    await makeRepository(source, { 'a.txt': 'one\n' });
    const spec = codingSpec(source, { api: {} }, { branch: '../../x' });
    expect(await setupCommand(withSpec(place, spec), [], never)).toBe(64);
  });

  test.each([
    [
      'lacks objects',
      'git init -q -b main; git commit -q --allow-empty -m x; git config uploadpack.allowAnySHA1InWant true; rm -f .git/objects/*/*',
      /cannot be used: the repository lacks objects or is damaged\. Look at it with git fsck/,
    ],
    [
      'uses SHA-256',
      'git init -q -b main --object-format=sha256; git commit -q --allow-empty -m x',
      /cannot be used: it stores its objects with SHA-256, and only SHA-1 is supported/,
    ],
    [
      'has a configuration that git cannot read',
      "git init -q -b main; git commit -q --allow-empty -m x; echo '[core' >> .git/config",
      /cannot be used: git cannot read its configuration/,
    ],
  ])('does not try again when the repository %s', async (_, script, message) => {
    const place = await makePlace();
    const source = join(place.directory, 'source');
    const as = 'export GIT_{AUTHOR,COMMITTER}_NAME=n GIT_{AUTHOR,COMMITTER}_EMAIL=a@b.c';
    await shell(place.directory, `mkdir source; cd source; ${as}; ${script}`);
    const env = withSpec(place, codingSpec(source, { api: {} }));
    const { result, log } = await printed(() => setupCommand(env, [], never));
    expect(log).toMatch(message);
    expect(result).toBe(EXIT.refused);
  });

  test('does not write the record of the base again', async () => {
    const team = await makeCodingTeam({ 'a.txt': 'one\n' }, { api: {} });
    await shell(
      team.tree('api'),
      'git commit --quiet --allow-empty -m x; git update-ref refs/agentteam/base HEAD; git update-ref refs/heads/main HEAD',
    );
    await setupCommand(withSpec(team, team.spec), [], never);
    const record = await readFile(join(team.volume, 'state/repository.json'), 'utf8');
    expect(JSON.parse(record)).toMatchObject({ base: team.repository.base });
  });

  test('in a pod that starts late reads and writes nothing that agents can write to', async () => {
    const team = await makeCodingTeam({ 'a.txt': 'one\n' }, { api: {}, late: {} });
    const ready = join(team.volume, 'repository/ready');
    await rm(join(ready, 'late'));
    await rm(team.tree('late'), { recursive: true });
    expect(await setupCommand(withSpec(team, team.spec), [], never)).toBe(0);
    expect(await shell(ready, 'ls; ls ../trees')).toBe('api\nteam-lead\napi\nteam-lead');
  });
});

test.each([
  ['Build it', 'Build it'],
  ['\n\n  Build\tit \n more', 'Build it'],
  ['', ''],
  [`${'word '.repeat(30)}`, `${'word '.repeat(15)}word…`.slice(0, 80)],
])('the subject of %j', (prompt, subject) => {
  const made = subjectOf(prompt);
  expect(made.length).toBeLessThanOrEqual(80);
  if (prompt.length < 80) expect(made).toBe(subject);
  else expect(made).toMatch(/^(word )+word…$/);
});

/** @returns the exit code, or `undefined` if it was killed. */
function run(program: string, env: NodeJS.ProcessEnv, killAfter?: number): Promise<number | null> {
  const child = spawn(process.execPath, ['--conditions=source', program], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
    detached: true,
  });
  const timer =
    killAfter === undefined
      ? undefined
      : setTimeout(() => child.pid !== undefined && process.kill(-child.pid, 'SIGKILL'), killAfter);
  return new Promise((resolve) => {
    child.once('exit', (code) => {
      clearTimeout(timer);
      resolve(code);
    });
  });
}
