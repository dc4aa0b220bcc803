import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type FinishSpec, LEAD } from '@agentteam/contract';
import { afterEach, expect, test } from '@jest/globals';
import { finishCommand } from '../../src/finish/command.ts';
import { keepResult } from '../../src/finish/result-repository.ts';
import { deltaBomb } from '../support/delta-bomb.ts';
import { killGitOnce, restorePath } from '../support/kill-git.ts';
import { plant } from '../support/plant.ts';
import { printed } from '../support/printed.ts';
import { shell, temporaryDirectory } from '../support/shell.ts';
import {
  type CodingTeam,
  include,
  makeCodingTeam,
  never,
  output,
  withSpec,
} from '../support/team.ts';
import { handOverCommit, handOverWork, mergeWork } from '../support/work.ts';

const BASE = { 'src/a.txt': 'one\n', 'docs/b.txt': 'one\n' };

afterEach(restorePath);

/** A team whose lead may change `docs/` and has merged the work of two teammates. */
async function finished(): Promise<CodingTeam> {
  const team = await makeCodingTeam(
    BASE,
    { api: { scope: include('src/') }, web: {} },
    {
      scope: include('docs/'),
    },
  );
  await shell(team.tree('api'), 'echo two > src/a.txt');
  await shell(team.tree('web'), 'echo web > web.txt');
  for (const name of ['api', 'web']) await handOverWork(team.repository, name);
  await mergeWork(team.repository, team.session);
  return team;
}

const result = ({ repository }: CodingTeam) => join(repository.directory, 'result.git');
const BRANCHES = "git for-each-ref --format='%(refname:short)'";
const AGENTS = 'agents/auth/api\nagents/auth/team-lead\nagents/auth/web\nmain';

test('people can fetch the result and each branch, without files that an agent planted', async () => {
  const team = await finished();
  const trap = join(team.directory, 'trap');
  for (const name of [LEAD, 'api', 'web']) await plant(team.own(name), trap);
  expect(await keepResult(team.repository, never)).toEqual([]);
  // Once more, over the remains of a killed attempt.
  await shell(team.repository.directory, 'mkdir .result-x; touch .result-x/y');
  expect(await keepResult(team.repository, never)).toEqual([]);
  expect(await readdir(team.repository.directory)).toEqual([
    'base.git',
    'own',
    'ready',
    'result.git',
    'trees',
  ]);
  // It is complete without the agents' repositories.
  await rm(join(team.repository.directory, 'own'), { recursive: true });
  expect(await shell(result(team), `${BRANCHES}; git fsck --strict --no-dangling 2>&1`)).toBe(
    `${AGENTS}\nteams/auth`,
  );
  expect((await readdir(result(team))).sort()).toEqual([
    'HEAD',
    'config',
    'objects',
    'packed-refs',
    'refs',
  ]);
  const source = join(team.directory, 'source');
  await shell(source, 'git fetch -q "$RESULT" teams/auth', { RESULT: result(team) });
  expect(await shell(source, 'git show FETCH_HEAD:src/a.txt FETCH_HEAD:web.txt')).toBe('two\nweb');
  expect(await readdir(trap)).toEqual([]);
});

test('if git is killed, the last step fails, and its next attempt keeps the only copy of the work', async () => {
  const team = await finished();
  const { spec } = team;
  const finish: FinishSpec = { ...spec, checked: false, onComplete: 'notify' };
  const attempt = () => printed(() => finishCommand(withSpec(team, finish), ['Succeeded'], never));
  await killGitOnce(await temporaryDirectory(), 'pack-refs', 'after');
  const first = await attempt();
  expect(first).toMatchObject({ result: 1 });
  expect(first.log).toContain(
    "The team's work could not be kept in result.git: git pack-refs failed",
  );
  expect(await output(team, 'summary')).toContain('auth completed');
  expect(await readdir(team.repository.directory)).not.toContain('result.git');
  expect((await attempt()).result).toBe(0);
  expect(await shell(result(team), BRANCHES)).toBe(`${AGENTS}\nteams/auth`);
});

test('work that cannot be used is named, and the rest is kept', async () => {
  const team = await finished();
  await shell(join(team.repository.state, 'api'), 'for f in work-*; do echo garbage > "$f"; done');
  const notes = await keepResult(team.repository, never);
  expect(notes[0]).toContain('The work of api cannot be used: its file is not a bundle of');
  const branches = await shell(result(team), BRANCHES);
  expect(branches).toContain('agents/auth/web');
  expect(branches).not.toContain('teams/auth');
});

test('a tree with a huge number of files is refused, and the rest is kept', async () => {
  const team = await finished();
  const bomb = await shell(
    team.tree('api'),
    `entry="100644 blob $(git rev-parse HEAD:src/a.txt)"
    for level in 1 2 3 4 5 6; do
      tree=$(for name in {a..z}; do printf '%s\\t%s\\n' "$entry" $name; done | git mktree)
      entry="040000 tree $tree"
    done
    git commit-tree -p HEAD -m bomb $tree`,
  );
  await handOverCommit(team.repository, 'api', bomb);
  expect(await keepResult(team.repository, never)).toEqual([
    `The work of api cannot be used: ${bomb} has more than two million files.`,
  ]);
  expect(await shell(result(team), BRANCHES)).toContain('agents/auth/web');
});

test('a bundle of some kilobytes with an object of gigabytes is refused, and the rest is kept', async () => {
  const team = await finished();
  const commit = 'c0ffee'.padEnd(40, '0');
  const state = join(team.repository.state, 'api');
  const header = `# v2 git bundle\n${commit} refs/agentteam/work\n\n`;
  await writeFile(join(state, 'work.json'), JSON.stringify({ commit, merged: false }));
  await writeFile(
    join(state, `work-${commit}.bundle`),
    Buffer.concat([Buffer.from(header), deltaBomb(200)]),
  );
  const [note] = await keepResult(team.repository, never);
  expect(note).toContain('The work of api cannot be used: git refuses its objects');
  expect(note).toContain('attempting to allocate');
  expect(await shell(result(team), BRANCHES)).toContain('agents/auth/web');
});

test('a result outside the scopes is kept only as the lead’s branch', async () => {
  const team = await finished();
  const evil = await shell(
    team.tree(LEAD),
    'echo evil > src/a.txt; git commit -qam "Small fixes"; git rev-parse HEAD',
  );
  await handOverCommit(team.repository, LEAD, evil);
  expect(await keepResult(team.repository, never)).toEqual([
    'team-lead made changes that it is not allowed to make:\n- "src/a.txt": outside its scope',
  ]);
  expect(await shell(result(team), BRANCHES)).toBe(AGENTS);
});

test('without any work, the repository has the base only', async () => {
  const team = await makeCodingTeam(BASE, { api: {} });
  await writeFile(join(team.tree('api'), 'x'), 'x');
  expect(await keepResult(team.repository, never)).toEqual([]);
  expect(await shell(result(team), BRANCHES)).toBe('main');
});
