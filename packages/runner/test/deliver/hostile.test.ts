import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { LEAD } from '@agentteam/contract';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ownRepository } from '../../src/git/repository.ts';
import { plant, plantElsewhere } from '../support/plant.ts';
import { shell } from '../support/shell.ts';
import { include } from '../support/team.ts';
import { handOverCommit } from '../support/work.ts';
import {
  BRANCH,
  deliver,
  type Finished,
  finishedTeam,
  type Remote,
  serveRemote,
  TOKEN,
} from './support/delivery.ts';

// `deliver` holds the token for pushing. Agents have written everything that it reads.
let remote: Remote;
beforeAll(async () => {
  remote = await serveRemote({ 'a.txt': 'one\n', 'kept.txt': 'kept\n', 'src/pay.js': 'pay\n' });
});
afterAll(() => remote.git.close());

/** Runs a script in an agent's own repository, as the agent could. @returns its output. */
function inOwn({ repository, place }: Finished, agent: string, script: string): Promise<string> {
  const { base, state } = repository;
  const env = { BASE: base, BRANCH, STATE: join(state, agent), OUTSIDE: place.directory };
  return shell(ownRepository(repository, agent), script, env);
}

const pushed = () => shell(remote.bare, `git rev-parse --verify -q ${BRANCH} || echo none`);
const tipOf = (team: Finished) => inOwn(team, LEAD, 'git rev-parse $BRANCH');

describe("in an agent's repository", () => {
  test.each([
    ['configuration, hooks and attributes', plant],
    ['a pointer to another repository with these', plantElsewhere],
  ])('%s run nothing and send nothing elsewhere', async (_, plantIn) => {
    const team = await finishedTeam(remote);
    const trap = join(team.place.directory, 'trap');
    const commit = await tipOf(team);
    for (const agent of [LEAD, 'api']) await plantIn(ownRepository(team.repository, agent), trap);
    const { result, log } = await deliver(team, 'push-branch');
    expect({ result, log }).toMatchObject({ result: 0 });
    expect(await readdir(trap)).toEqual([]);
    expect(await pushed()).toBe(commit);
    // The traps work: plain git triggers them.
    await inOwn(team, 'api', 'GIT_WORK_TREE=. git diff $BASE > /dev/null 2>&1 || true');
    expect(await readdir(trap)).not.toEqual([]);
    expect(await shell(team.place.volume, `grep -r -a -l "${TOKEN}" . || true`)).toBe('');
  });

  test.each([
    ['a moved branch', 'git update-ref refs/heads/$BRANCH $BASE'],
    [
      'branches packed differently',
      'rm -r refs/heads; echo "$BASE refs/heads/$BRANCH" > packed-refs',
    ],
    ['a different HEAD', 'echo "$BASE" > HEAD'],
    ['a branch that is a link', 'rm refs/heads/$BRANCH; ln -s "$OUTSIDE/x" refs/heads/$BRANCH'],
    [
      'replaced commits',
      'git replace -f $BRANCH $(git commit-tree -p $BASE -m evil $(git mktree < /dev/null))',
    ],
    ['a grafted history', 'mkdir -p info; git rev-parse $BRANCH > info/grafts'],
    ['a truncated history', 'git rev-parse $BRANCH > shallow'],
    ['different alternates', 'echo "$OUTSIDE" > objects/info/alternates'],
    ['no objects', 'rm -rf objects'],
  ])('%s does not change the handed-over work', async (_, script) => {
    const team = await finishedTeam(remote);
    const commit = await tipOf(team);
    await inOwn(team, LEAD, script);
    const { result, log } = await deliver(team, 'push-branch');
    expect({ result, log }).toMatchObject({ result: 0 });
    expect(await pushed()).toBe(commit);
    expect(await shell(remote.bare, `git show ${BRANCH}:a.txt ${BRANCH}:kept.txt`)).toBe(
      'two\nkept',
    );
  });
});

/** Makes a commit of `src/pay.js` on top of another, with plumbing commands. */
const PAY = `pay() { blob=$(echo evil | git hash-object -w --stdin); export GIT_INDEX_FILE=$OUTSIDE/index
  git read-tree "$1"; git update-index --add --cacheinfo "100644,$blob,src/pay.js"
  git commit-tree -p "$1" -m "Small fixes" "$(git write-tree)"; }`;
const BUNDLE = 'bundle=$(ls "$STATE"/work-*.bundle)';

describe('the work that an agent hands over', () => {
  test.each([
    [
      'a link',
      `${BUNDLE}; mv "$bundle" "$OUTSIDE/b"; ln -s "$OUTSIDE/b" "$bundle"`,
      'not a regular',
    ],
    ['an endless file', `${BUNDLE}; rm "$bundle"; ln -s /dev/zero "$bundle"`, 'not a regular'],
    ['a pipe', `${BUNDLE}; rm "$bundle"; mkfifo "$bundle"`, 'not a regular file'],
    ['a directory', `${BUNDLE}; rm "$bundle"; git init -q --bare "$bundle"`, 'not a regular file'],
    ['a file that is too large', `${BUNDLE}; truncate -s 3G "$bundle"`, 'too large'],
    ['nothing', `${BUNDLE}; rm "$bundle"`, 'absent'],
    ['garbage', `${BUNDLE}; echo garbage > "$bundle"`, 'not a bundle of'],
    ['a pointer to a repository', `${BUNDLE}; echo "gitdir: $PWD" > "$bundle"`, 'not a bundle of'],
    ['half a bundle', `${BUNDLE}; truncate -s -40 "$bundle"`, 'git refuses its objects'],
    [
      'a commit other than the recorded one',
      `${BUNDLE}; git update-ref refs/agentteam/work $(git commit-tree -p $BASE -m x $BASE^{tree}); git bundle create -q "$bundle" refs/agentteam/work ^$BASE`,
      'not a bundle of',
    ],
    ['an invalid record', 'mkfifo "$STATE/x"; mv -f "$STATE/x" "$STATE/work.json"', 'record'],
    [
      'an unrelated history',
      `c=$(git commit-tree -m x $BASE^{tree}); git update-ref refs/agentteam/work $c; git bundle create -q "$STATE/work-$c.bundle" refs/agentteam/work; echo "{\\"commit\\":\\"$c\\"}" > "$STATE/work.json"`,
      'is not a commit on top of',
    ],
  ])('is refused with the agent’s name: %s', async (_, script, expected) => {
    const team = await finishedTeam(remote);
    const before = await pushed();
    await inOwn(team, 'api', script);
    const { result, log } = await deliver(team, 'push-branch');
    expect({ result, log }).toMatchObject({ result: 68 });
    expect(log).toContain('The work of api cannot be used');
    expect(log).toContain(expected);
    expect(await pushed()).toBe(before);
  });

  test('is refused if it was replaced, outside the scope, after the lead had merged it', async () => {
    const team = await finishedTeam(remote, undefined, undefined, {
      api: { scope: include('a.txt') },
    });
    const before = await pushed();
    const evil = await inOwn(team, 'api', `${PAY}; pay agents/auth/api`);
    await handOverCommit(team.repository, 'api', evil);
    const { result, log } = await deliver(team, 'push-branch');
    expect(result).toBe(65);
    expect(log).toContain('api made changes that it is not allowed to make:\n- "src/pay.js"');
    expect(await pushed()).toBe(before);
  });

  test('is refused if the lead added a link out of the repository', async () => {
    const team = await finishedTeam(remote);
    const tip = await inOwn(
      team,
      LEAD,
      `blob=$(printf /etc/passwd | git hash-object -w --stdin)
      tree=$( (git ls-tree "$BRANCH"; printf "120000 blob $blob\\tlink\\n") | git mktree)
      git commit-tree -p "$BRANCH" -m link "$tree"`,
    );
    await handOverCommit(team.repository, LEAD, tip);
    const { result, log } = await deliver(team, 'push-branch');
    expect(result).toBe(65);
    expect(log).toContain('"link": a symbolic link that leads out of the repository');
  });

  test('is refused with a submodule that runs a program in every clone', async () => {
    const team = await finishedTeam(remote);
    const tip = await inOwn(
      team,
      LEAD,
      `blob=$(printf '[submodule "s"]\\n\\tpath = s\\n\\turl = https://example.com/s\\n\\tupdate = !touch /tmp/x\\n' | git hash-object -w --stdin)
      tree=$( (git ls-tree "$BRANCH"; printf "100644 blob $blob\\t.gitmodules\\n") | git mktree)
      git commit-tree -p "$BRANCH" -m sub "$tree"`,
    );
    await handOverCommit(team.repository, LEAD, tip);
    const { result, log } = await deliver(team, 'push-branch');
    expect(result).toBe(68);
    expect(log).toContain('gitmodulesUpdate');
  });

  test('is not delivered if an object does not match its id', async () => {
    const team = await finishedTeam(remote);
    const before = await pushed();
    await inOwn(
      team,
      'api',
      `${BUNDLE}; file() { echo "objects/$(echo "$1" | sed 's|^..|&/|')"; }
       evil=$(echo evil | git hash-object -w --stdin)
       mv -f "$(file "$evil")" "$(file "$(git rev-parse agents/auth/api:a.txt)")"
       git update-ref refs/agentteam/work agents/auth/api
       git bundle create -q "$bundle" refs/agentteam/work ^$BASE`,
    );
    const { result, log } = await deliver(team, 'push-branch');
    expect({ result, log }).toMatchObject({ result: 68 });
    expect(log).toContain('git refuses its objects');
    expect(await pushed()).toBe(before);
  });
});

describe('a scope of the lead', () => {
  const scoped = { scope: include('docs/'), api: { scope: include('a.txt') } };

  test('allows the work of teammates', async () => {
    const team = await finishedTeam(remote, undefined, undefined, scoped);
    expect(await deliver(team, 'push-branch')).toMatchObject({ result: 0 });
    expect(await pushed()).toBe(await tipOf(team));
  });

  test('refuses work that the lead made its runner hand over', async () => {
    const team = await finishedTeam(remote, undefined, undefined, scoped);
    const before = await pushed();
    const evil = await inOwn(team, LEAD, `${PAY}; pay $BRANCH`);
    await handOverCommit(team.repository, LEAD, evil);
    const { result, log } = await deliver(team, 'push-branch');
    expect(result).toBe(65);
    expect(log).toContain('team-lead made changes that it is not allowed to make:\n- "src/pay.js"');
    expect(await pushed()).toBe(before);
  });

  test('refuses a result in which the lead dropped or rewrote a teammate’s work', async () => {
    const team = await finishedTeam(remote, undefined, undefined, scoped);
    const undone = await inOwn(team, LEAD, 'git commit-tree -p $BRANCH -m undo $BASE^{tree}');
    await handOverCommit(team.repository, LEAD, undone);
    const { result, log } = await deliver(team, 'push-branch');
    expect(result).toBe(65);
    expect(log).toContain('"a.txt"');
  });
});
