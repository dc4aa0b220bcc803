import { EXIT } from '@agentteam/contract';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mountSecret } from '../support/secret.ts';
import { shell } from '../support/shell.ts';
import { output } from '../support/team.ts';
import { leadReports } from '../support/work.ts';
import {
  BRANCH,
  deliver,
  finishedTeam,
  type Remote,
  serveRemote,
  TOKEN,
} from './support/delivery.ts';

let remote: Remote;
beforeEach(async () => {
  remote = await serveRemote();
});
afterEach(() => remote.git.close());

describe('pushing the result', () => {
  test('pushes the branch once, and leaves no credential anywhere', async () => {
    const team = await finishedTeam(remote);
    const first = await deliver(team, 'push-branch');
    expect(first.result).toBe(0);
    expect(await shell(remote.bare, `git show ${BRANCH}:a.txt; git branch --list | wc -l`)).toBe(
      'two\n2',
    );
    expect(await output(team.place, 'branch')).toBe(BRANCH);
    expect((await deliver(team, 'push-branch')).result).toBe(0);
    expect(first.log).not.toContain(TOKEN);
    expect(await shell(team.place.volume, `grep -r -a -l "${TOKEN}" . || true`)).toBe('');
  });

  test('a push that another one has overtaken, with the same commit, is delivered', async () => {
    const team = await finishedTeam(remote);
    // The push of a killed attempt waits at the remote until the next attempt has asked for the branch.
    await shell(
      remote.bare,
      `mkfifo next
cat > hooks/pre-receive <<'END'
#!/bin/sh
if mkdir begun 2>&-; then echo > next; exit 0; fi
read line < next
until git rev-parse --quiet --verify ${BRANCH}; do sleep 0.05; done
END
chmod +x hooks/pre-receive`,
    );
    const both = await Promise.all([deliver(team, 'push-branch'), deliver(team, 'push-branch')]);
    expect(both.map(({ result }) => result)).toEqual([0, 0]);
  });

  test("replaces an earlier run's result, but never other people's commits", async () => {
    await deliver(await finishedTeam(remote), 'push-branch');
    const atOnce = await finishedTeam(remote, 'echo at once > a.txt');
    const second = await finishedTeam(remote, 'echo three > a.txt');
    expect((await deliver(second, 'push-branch')).result).toBe(0);
    expect(await shell(remote.bare, `git show ${BRANCH}:a.txt`)).toBe('three');
    // Both have begun when the branch had the first result.
    const overtaken = await deliver(atOnce, 'push-branch');
    expect(overtaken.result).toBe(68);
    expect(overtaken.log).toContain('has the result of another run of this team');
    expect(await shell(remote.bare, `git show ${BRANCH}:a.txt`)).toBe('three');
    await shell(remote.bare, `git branch -m ${BRANCH} done/auth`);
    expect((await deliver(atOnce, 'push-branch')).result).toBe(0);
    expect(await shell(remote.bare, `git show ${BRANCH}:a.txt done/auth:a.txt`)).toBe(
      'at once\nthree',
    );

    await shell(
      remote.served,
      `git clone --quiet -b ${BRANCH} acme/backend.git clone; cd clone; echo mine > mine.txt; git add .; git commit -qm "By a person"; git push -q`,
    );
    const third = await finishedTeam(remote, 'echo four > a.txt');
    const { result, log } = await deliver(third, 'push-branch');
    expect(result).toBe(68);
    expect(log).toContain('By a person');
    expect(await shell(remote.bare, `git show ${BRANCH}:mine.txt`)).toBe('mine');
  });

  test.each([
    [
      "printf '#!/bin/sh\\necho Ask ada first; exit 1\\n' > hooks/pre-receive; chmod +x hooks/pre-receive",
      /rejected the branch teams\/auth: pre-receive hook declined\.\nAsk ada first\n/,
    ],
    [
      'git branch teams',
      /has a branch teams, and git cannot store the branch teams\/auth beside it/,
    ],
  ])(
    'shows what the remote printed, at once and without git’s hints: %s',
    async (script, expected) => {
      const team = await finishedTeam(remote);
      await shell(remote.bare, script);
      const started = Date.now();
      const { result, log } = await deliver(team, 'push-branch');
      expect({ result, log }).toMatchObject({ result: 68 });
      expect(log).toMatch(expected);
      expect(log).not.toMatch(/hint|graft|protected/);
      // A name that is taken does not become free later, so git must not wait.
      expect(Date.now() - started).toBeLessThan(20_000);
    },
  );

  test('a refused token is a final failure', async () => {
    const team = await finishedTeam(remote);
    await mountSecret(team.place, 'git', { token: 'wrong' });
    const { result, log } = await deliver(team, 'push-branch');
    expect(result).toBe(68);
    expect(log).toContain('does not accept the `token`');
  });

  test('nothing is delivered when nothing changed', async () => {
    const team = await finishedTeam(remote, 'true');
    expect((await deliver(team, 'create-pr')).result).toBe(0);
    expect(await output(team.place, 'outcome')).toContain('changed nothing');
  });

  test('nothing is pushed when the lead reported nothing to do, and the reason is shown', async () => {
    const team = await finishedTeam(remote);
    const reason = 'The bug was fixed upstream.';
    const reported = { outcome: 'nothing-to-do', summary: 'I looked.', reason } as const;
    await leadReports(team.repository.state, reported);
    expect((await deliver(team, 'push-branch')).result).toBe(0);
    expect(await output(team.place, 'outcome')).toBe(
      `Nothing was delivered: the lead reported that there was nothing to do. ${reason}`,
    );
    expect(await shell(remote.bare, 'git branch --list')).toBe('* main');
  });

  test('nothing is pushed without a report of the lead', async () => {
    const team = await finishedTeam(remote);
    await leadReports(team.repository.state);
    const { result, log } = await deliver(team, 'push-branch');
    expect(result).toBe(EXIT.unreported);
    expect(log).toContain("the lead did not report the team's work as completed");
    expect(await shell(remote.bare, 'git branch --list')).toBe('* main');
  });
});
