import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { plant, plantElsewhere } from '../support/plant.ts';
import { shell } from '../support/shell.ts';
import {
  BRANCH,
  deliver,
  type Finished,
  finishedTeam,
  type Remote,
  serveRemote,
  TOKEN,
} from './support/delivery.ts';

// `deliver` holds the token that may push. What it is given was any agent's to write.
let remote: Remote;
beforeAll(async () => {
  remote = await serveRemote({ 'a.txt': 'one\n', 'kept.txt': 'kept\n' });
});
afterAll(() => remote.git.close());

/** Runs a script in a team's shared clone, as an agent could. */
function tamper({ repository, place }: Finished, script: string): Promise<string> {
  const env = { BASE: repository.base, BRANCH, OUTSIDE: place.directory };
  return shell(repository.store, script, env);
}

const pushed = () => shell(remote.bare, `git rev-parse ${BRANCH}`);
const tipOf = async ({ session }: Finished) =>
  (JSON.parse(await readFile(join(session, 'consolidation.json'), 'utf8')) as { tip: string }).tip;

describe('in the shared clone', () => {
  test.each([
    ['configuration, hooks and attributes', plant],
    ['a pointer to another clone with all of these', plantElsewhere],
  ])('%s run nothing, and send nothing elsewhere', async (_, plantIn) => {
    const team = await finishedTeam(remote);
    const trap = join(team.place.directory, 'trap');
    await plantIn(team.repository.store, trap);
    const { result, log } = await deliver(team, 'push-branch');
    expect({ result, log }).toMatchObject({ result: 0 });
    expect(await readdir(trap)).toEqual([]);
    expect(await pushed()).toBe(await tipOf(team));
    // The traps are real: a plain git there walks into them.
    await tamper(team, 'git diff $BASE $BRANCH > /dev/null 2>&1 || true');
    expect(await readdir(trap)).not.toEqual([]);
    expect(await shell(team.place.volume, `grep -r -a -l "${TOKEN}" . || true`)).toBe('');
  });

  test.each([
    [
      'a branch that was moved away',
      'git update-ref refs/heads/$BRANCH $(git commit-tree -m evil $BASE^{tree})',
    ],
    [
      'something on top of the branch',
      'git update-ref refs/heads/$BRANCH $(git commit-tree -p $BRANCH -m evil $BASE^{tree})',
    ],
    [
      'a branch that is a link to a file outside',
      'mv refs/heads/$BRANCH x; ln -s "$OUTSIDE/file" refs/heads/$BRANCH',
    ],
    [
      'commits that are replaced by others',
      'evil=$(git commit-tree -p $BASE -m evil $(git mktree < /dev/null)); git replace $BRANCH $evil',
    ],
    ['a history that is grafted', 'mkdir -p info; git rev-parse $BRANCH > info/grafts'],
    ['a history that is cut short', 'git rev-parse $BRANCH > shallow'],
  ])('%s changes nothing of what the lead left', async (_, script) => {
    const team = await finishedTeam(remote);
    await tamper(team, script);
    const { result, log } = await deliver(team, 'push-branch');
    expect({ result, log }).toMatchObject({ result: 0 });
    expect(await pushed()).toBe(await tipOf(team));
    expect(await shell(remote.bare, `git show ${BRANCH}:a.txt ${BRANCH}:kept.txt`)).toBe(
      'two\nkept',
    );
  });

  test('an object that is not what its name says is not delivered', async () => {
    const team = await finishedTeam(remote);
    const before = await pushed();
    await tamper(
      team,
      `file() { echo "objects/$(git rev-parse "$1" | sed 's|^..|&/|')"; }
       evil=$(echo evil | git hash-object -w --stdin)
       cp -f "$(file "$evil")" "$(file "$BASE:kept.txt")"`,
    );
    expect(await tamper(team, 'git cat-file blob $BASE:kept.txt')).toBe('evil');
    const { result, log } = await deliver(team, 'push-branch');
    expect(result).toBe(68);
    expect(log).toContain('in the shared clone are damaged');
    expect(await pushed()).toBe(before);
  });
});

describe('what nobody may deliver', () => {
  test('a link out of the repository, put there in the name of the lead', async () => {
    const team = await finishedTeam(remote);
    const link = `blob=$(printf /etc/passwd | git hash-object -w --stdin)
      tree=$( (git ls-tree "$BRANCH"; printf "120000 blob $blob\\tlink\\n") | git mktree)
      git commit-tree -p "$BRANCH" -m link "$tree"`;
    const tip = await tamper(team, link);
    await writeFile(join(team.session, 'consolidation.json'), JSON.stringify({ tip }));
    const { result, log } = await deliver(team, 'push-branch');
    expect(result).toBe(65);
    expect(log).toContain('"link": a symbolic link that leads out of the repository');
  });

  test('a commit that has nothing to do with the repository', async () => {
    const team = await finishedTeam(remote);
    const tip = await tamper(team, 'git commit-tree -m evil "$BRANCH^{tree}"');
    await writeFile(join(team.session, 'consolidation.json'), JSON.stringify({ tip }));
    const { result, log } = await deliver(team, 'push-branch');
    expect(result).toBe(68);
    expect(log).toContain('does not begin at');
  });

  test('a submodule that runs a program in every clone', async () => {
    const script = `printf '[submodule "s"]\\n\\tpath = s\\n\\turl = https://example.com/s\\n\\tupdate = !touch /tmp/x\\n' > .gitmodules`;
    const { result, log } = await deliver(await finishedTeam(remote, script), 'push-branch');
    expect(result).toBe(68);
    expect(log).toContain('gitmodulesUpdate');
  });
});
